"""Imports promptflow into a process that must stay single-threaded, silent and off the network.

Any import below `promptflow` runs `promptflow/__init__`, which loads the whole SDK: threads of telemetry, network
tries, files in the home folder. So a bare package of that name stands in for it, with the same public names.
"""

import importlib
import importlib.machinery
import logging
import os
import sys
import threading
import types

LATE_NAMES = {
    "tool": "promptflow._core.tool",
    "ToolProvider": "promptflow._core.tool",
    "log_metric": "promptflow._core.metric_logger",
    "log_flow_metric": "promptflow._core.metric_logger",
    "PFClient": "promptflow.client",
    "load_flow": "promptflow.client",
    "load_run": "promptflow.client",
    "__version__": "promptflow._version",
}
TELEMETRY = "promptflow._sdk._telemetry.logging_handler"
NEEDED = (
    "promptflow.executor.flow_executor",
    "promptflow.executor._script_executor",
    "promptflow.executor._prompty_executor",
    "promptflow.core",
    "promptflow.connections",
    "promptflow.core._prompty_utils",
    "promptflow._core.tool_meta_generator",
    "promptflow._core.connection_manager",
)
# Imported by every run when they are installed, or by many: not preloaded, each costs a run 0.03 to 2 s.
WELCOME = ("promptflow.tools", "promptflow._sdk.schemas._flow", "promptflow._core.entry_meta_generator")


class NoPromptflow(Exception):
    """There is no promptflow in this environment."""


def promptflow_folders():
    folders = [os.path.join(entry, "promptflow") for entry in sys.path]
    return [folder for folder in folders if os.path.isdir(folder)]


def is_there():
    return any(os.path.isdir(os.path.join(folder, "executor")) for folder in promptflow_folders())


def _late(name):
    if name not in LATE_NAMES:
        raise AttributeError("module 'promptflow' has no attribute %r" % name)
    module = importlib.import_module(LATE_NAMES[name])
    return getattr(module, {"log_flow_metric": "log_metric", "__version__": "VERSION"}.get(name, name))


def _bare_package():
    folders = promptflow_folders()
    if not is_there():
        raise NoPromptflow
    package = types.ModuleType("promptflow")
    package.__path__ = folders
    package.__file__ = os.path.join(folders[0], "__init__.py")
    package.__spec__ = importlib.machinery.ModuleSpec("promptflow", None, is_package=True)
    package.__spec__.submodule_search_locations = folders
    package.__getattr__ = _late
    sys.modules["promptflow"] = package


def _no_telemetry():
    module = types.ModuleType(TELEMETRY)
    handler = logging.NullHandler()
    module.PromptFlowSDKLogHandler = logging.NullHandler
    module.get_appinsights_log_handler = lambda: handler
    module.get_scrubbed_cloud_role = lambda: "python"
    sys.modules[TELEMETRY] = module


def _warm_model_client():
    """The first client loads 50 modules; each model run would pay for them."""
    try:
        from promptflow.tracing._integrations._openai_injector import inject_openai_api

        inject_openai_api()
        import openai

        openai.AzureOpenAI(api_key="-", azure_endpoint="https://localhost", api_version="-").close()
    except Exception:
        pass


def load():
    """Imports what runs need. Raises NoPromptflow, or what the import raised where promptflow is built otherwise."""
    start = threading.Thread.start

    def start_unless_telemetry(thread):
        if getattr(getattr(thread, "_target", None), "__name__", "") != "_schedule_flush":
            start(thread)

    _bare_package()
    _no_telemetry()
    threading.Thread.start = start_unless_telemetry
    try:
        for name in NEEDED:
            importlib.import_module(name)
        for name in WELCOME:
            try:
                importlib.import_module(name)
            except Exception:
                continue
        _warm_model_client()
    finally:
        threading.Thread.start = start
    _quiet_loggers()


def _quiet_loggers():
    """promptflow's own loggers write to the stdout of whoever imported them: here, of the parent."""
    from promptflow._utils import logger_utils

    for name in ("logger", "flow_logger", "bulk_logger", "service_logger"):
        logger = getattr(logger_utils, name, None)
        for handler in list(logger.handlers) if logger else ():
            if type(handler) is logging.StreamHandler:
                logger.removeHandler(handler)
    logging.raiseExceptions = False
