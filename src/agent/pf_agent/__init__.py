"""The agent: lock, idle watch, installs and channel of one session. Standard library only; never imports promptflow."""

VERSION = "0.1.0"
