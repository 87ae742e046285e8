"""What the daemon takes while it runs, looked at every few seconds, and the figures that come of it."""
import csv
import os
import re
import sqlite3
import time

from background import Background

EACH = 5.0  # seconds
WARM_UP = 0.3  # of the samples
SETTLED = re.compile(r'^group_writeback_hints_settled_total\{outcome="([^"]+)"\} (\S+)$', re.MULTILINE)


class Sampler(Background):
    def __init__(self, daemon):
        super().__init__()
        self.daemon = daemon
        self.begun = time.monotonic()
        self.samples = []

    def metrics(self):
        return self.daemon.admin("/metrics")[1]

    @staticmethod
    def value(text, name):
        found = re.search(rf"^group_writeback_{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def process(self):
        """Resident memory in KiB, descriptors, threads; nothing while the daemon is being started."""
        folder = f"/proc/{self.daemon.process.pid}"
        try:
            with open(f"{folder}/status", encoding="ascii") as file:
                status = dict(line.split(":", 1) for line in file.read().splitlines())
            return {"rss_kib": int(status["VmRSS"].split()[0]), "threads": int(status["Threads"]),
                    "descriptors": len(os.listdir(f"{folder}/fd"))}
        except (OSError, KeyError):
            return {"rss_kib": 0, "threads": 0, "descriptors": 0}

    def inbox_rows(self):
        with sqlite3.connect(f"file:{self.daemon.store}-inbox?mode=ro", uri=True, timeout=10) as inbox:
            return inbox.execute("SELECT count(*) FROM hint").fetchone()[0]

    def sample(self):
        text = self.metrics()
        taken = {"seconds": round(time.monotonic() - self.begun, 1), **self.process(),
                 "dirty": self.value(text, 'groups{state="dirty"}'), "hints_waiting": self.value(text, "hints_waiting"),
                 "inbox_rows": self.inbox_rows(),
                 "store_kib": sum(file.stat().st_size for file in self.daemon.store.parent.iterdir()) // 1024}
        self.samples.append(taken)
        return taken

    def work(self):
        while not self.ending.wait(EACH):
            self.sample()

    def last(self):
        if not self.samples:
            return "no sample yet"
        one = self.samples[-1]
        return (f"{one['rss_kib'] / 1024:.1f} MiB, {one['descriptors']} descriptors, {one['dirty']:.0f} dirty, "
                f"{one['hints_waiting']:.0f} hinted, inbox {one['inbox_rows']}, store {one['store_kib'] / 1024:.1f} MiB")

    def kept_and_settled(self):
        text = self.metrics()
        settled = {outcome: int(float(count)) for outcome, count in SETTLED.findall(text)}
        return {"hints kept": int(self.value(text, 'notifications_received_total{outcome="accepted"}')),
                "hints settled": sum(settled.values()), "of them": settled}

    def write(self, path):
        with open(path, "w", newline="", encoding="ascii") as file:
            writer = csv.DictWriter(file, self.samples[0].keys())
            writer.writeheader()
            writer.writerows(self.samples)


def slope(points):
    """The least squares' rise of y for one x."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def figures(samples, times):
    warm = [one for one in samples[int(len(samples) * WARM_UP):] if one["rss_kib"]]
    told = {"samples after warm-up": len(warm)}
    if len(warm) > 1:
        told |= {"rss MiB, first and last": [round(warm[0]["rss_kib"] / 1024, 1), round(warm[-1]["rss_kib"] / 1024, 1)],
                 "rss slope, MiB an hour": round(
                     slope([(one["seconds"], one["rss_kib"]) for one in warm]) * 3600 / 1024, 2),
                 "descriptors, least and most": [min(one["descriptors"] for one in warm),
                                                 max(one["descriptors"] for one in warm)],
                 "threads, least and most": [min(one["threads"] for one in warm), max(one["threads"] for one in warm)],
                 "most dirty": max(one["dirty"] for one in warm),
                 "most hinted": max(one["hints_waiting"] for one in warm),
                 "store MiB, last": round(warm[-1]["store_kib"] / 1024, 1)}
    if times:
        told["ack ms, p50 p99 p99.9 most"] = [round(percentile(times, share) * 1000, 1)
                                              for share in (0.5, 0.99, 0.999, 1)]
    return told
