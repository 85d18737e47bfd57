"""The result of a check of many parts."""


class Failures:
    """Counts what differs, and prints it."""

    def __init__(self):
        self.count = 0

    def check(self, ok, what):
        if not ok:
            self.count += 1
            print(f"FAILED: {what}", flush=True)
