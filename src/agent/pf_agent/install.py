"""The install operation: one at a time, joined by those who want the same."""

import os
import threading
import time

from pf_agent.errors import AgentError, cancelled, describe, stopping
from pf_agent.install_job import InstallJob
from pf_agent.proxy_relay import relayed


class InstallDesk:
    """`requirements`: the State's, also after a restart; `since`: when the one under way began, or None."""

    def __init__(self, session):
        self._session = session
        self._job = None
        self._guard = threading.Lock()
        self._closed = False
        self.since = None
        known = session.layer.recall().get("requirements")
        self.requirements = known if isinstance(known, dict) else nothing()

    def install(self, request):
        """Follows the same install, or begins one; its report."""
        args, cwd, dry_run = request.mapping("requirements"), request.text("cwd"), request.flag("dryRun")
        if not args or not cwd or not os.path.isdir(cwd):
            raise AgentError("usage", "install: requirements and an existing cwd are needed.")
        given = request.environment()
        self._session.layer.await_made(request.cancel)
        with self._session.idle.hold():
            job, position = self._take(args, dry_run, lambda job: self._work(job, cwd, given))
            self._session.board.changed()
            try:
                ended = job.follow(request, position)
            finally:
                self._leave(job)
        if not ended:
            self._settle(job)
            raise cancelled()
        if job.error:
            raise job.error
        return job.report

    def close(self):
        """Cancels what is under way; nothing begins any more."""
        with self._guard:
            self._closed = True
            job = self._job
        if job:
            job.cancel.set()

    def _take(self, args, dry_run, work):
        with self._guard:
            if self._closed:
                raise stopping()
            job = self._job
            if job is None:
                job = self._job = InstallJob(args, self._session, dry_run)
                self.since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
                threading.Thread(target=work, args=(job,), daemon=True).start()
            elif job.cancel.is_set() or not job.hash or job.what != InstallJob.what_of(args, dry_run):
                raise AgentError("session-busy", "Another install is under way in this session.", "Try again later")
            else:
                # A joiner hears what comes from now on.
                job.followers += 1
                return job, job.position()
            job.followers += 1
            return job, 0

    def _leave(self, job):
        with self._guard:
            job.followers -= 1
            if job.followers == 0 and job is self._job:
                job.cancel.set()

    def _settle(self, job):
        """The last to cancel answers when pip has ended; one whose install goes on for others answers at once."""
        if job.cancel.is_set():
            job.await_end()

    def _work(self, job, cwd, given):
        try:
            with self._session.idle.hold():
                if job.recorded:
                    # If the agent is killed in the middle, the next one finds this.
                    self._record("unchecked", job, None)
                with relayed(given) as reached:
                    job.run(cwd, reached)
                if not job.dry_run:
                    self._conclude(job)
        except Exception as error:
            job.error = error if isinstance(error, AgentError) else AgentError(**describe(error))
        finally:
            with self._guard:
                self._job = self.since = None
            job.close()
            self._session.board.changed()

    def _conclude(self, job):
        if job.recorded and job.report:
            state = "installed" if job.report["status"] == "ok" else "failed"
            self._record(state, job, job.report["problem"])
        elif job.recorded and not job.changed:
            self.requirements = self._before
            self._remember()
        if job.changed:
            self._session.packages_changed(job.outdated)

    def _record(self, state, job, error):
        args = job.args
        if state == "unchecked":
            self._before = self.requirements
        digest = job.hash if isinstance(job.hash, str) and state != "unchecked" else None
        self.requirements = {"state": state, "file": args.get("path"), "hash": digest, "error": error}
        self._remember()

    def _remember(self):
        self._session.layer.remember(requirements=self.requirements)


def nothing():
    return {"state": "none", "file": None, "hash": None, "error": None}
