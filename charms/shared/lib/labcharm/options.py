"""What is wrong with a charm's options, told all at once."""

from typing import List


class OptionsError(Exception):
    """Everything that is wrong with the options: option, value and mend."""

    def __init__(self, problems: List[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
