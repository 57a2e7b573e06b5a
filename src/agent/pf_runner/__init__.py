"""Parent and child: the only code of the agent that imports promptflow."""
