"""Something that goes on beside the rest until it is told to end; what goes wrong in it is not lost."""
import threading


class Background:
    def __init__(self):
        self.ending = threading.Event()
        self.failure = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()

    def _run(self):
        try:
            self.work()
        except Exception as error:  # told to whoever asks
            self.failure = error

    def finish(self):
        self.ending.set()
        self._thread.join(120)
        self.raise_failure()

    def raise_failure(self):
        if self.failure:
            raise self.failure
