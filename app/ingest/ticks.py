"""Write the boxes of forms alike in files of all types."""


def tick(*, is_on: bool) -> str:
    """Write a box, ticked or not."""
    return "☒" if is_on else "☐"
