"""What a command says when it cannot do what was asked."""


class CommandError(Exception):
    """One line for the person at the terminal, with the mend where there is one."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
