"""The errors of this package, each one line for the user; no torch import."""


class FinetuneError(ValueError):
    """Report what the user can mend; the exit code is the command line's."""

    exit_code = 3


class DataError(FinetuneError):
    """Report examples or a recipe that cannot be trained."""


class TrainingDiverged(FinetuneError):
    """Report a gradient that is no number."""

    exit_code = 2
