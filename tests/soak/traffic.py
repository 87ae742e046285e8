"""What happens to the system in the long run: changes in the cloud, notifications, faults."""
import collections
import http.client
import json
import random
import time

from background import Background
from rig import TENANT_ID

BATCH = 20  # Graph's limit


class Changes(Background):
    """Members come and go, descriptions change: through $batch, a fixed number each second."""

    def __init__(self, emulator, tenant, each_second, seed):
        super().__init__()
        self.emulator = emulator
        self.tenant = tenant
        self.each_second = each_second
        self.chance = random.Random(seed)
        self.made = 0
        self.recent = collections.deque([tenant["groups"][0]["id"]], maxlen=50)

    def one(self, group):
        """A request of a batch, and what it does to our own copy of the tenant."""
        path, members = f"/groups/{group['id']}", group["members"]
        kind = self.chance.random()
        if kind < 0.1:
            text = f"Changed {self.chance.randrange(10**9)}"
            return {"method": "PATCH", "url": path, "body": {"description": text}}, \
                lambda: group.update(description=text)
        user = self.chance.choice(self.tenant["users"])["id"]
        if user in members:
            return {"method": "DELETE", "url": f"{path}/members/{user}/$ref"}, lambda: members.remove(user)
        body = {"@odata.id": f"{self.emulator.url}/v1.0/directoryObjects/{user}"}
        return {"method": "POST", "url": f"{path}/members/$ref", "body": body}, lambda: members.append(user)

    def batch(self, size):
        """Each group once, so that the order within the batch decides nothing."""
        groups = self.chance.sample(self.tenant["groups"], min(size, len(self.tenant["groups"])))
        made = {str(number): self.one(group) for number, group in enumerate(groups)}
        requests = [{"id": key, "headers": {"Content-Type": "application/json"}, **request}
                    for key, (request, _) in made.items()]
        answers = self.emulator.graph("POST", "/$batch", {"requests": requests})["responses"]
        for answer in answers:
            if answer["status"] >= 300:
                raise AssertionError(f"the emulator refused a change: {answer}")
            made[answer["id"]][1]()
        self.made += len(answers)
        self.recent.extend(group["id"] for group in groups)

    def work(self):
        size = min(BATCH, self.each_second)
        due = time.monotonic()
        while not self.ending.is_set():
            self.batch(size)
            due += size / self.each_second
            self.ending.wait(max(0, due - time.monotonic()))


class Notifications(Background):
    """Genuine notifications of groups that have just changed, posted to the webhook over one connection."""

    def __init__(self, port, subscription, client_state, changes, each_second):
        super().__init__()
        self.port = port
        self.item = {"subscriptionId": subscription, "tenantId": TENANT_ID, "clientState": client_state,
                     "changeType": "updated"}
        self.changes = changes
        self.each_second = each_second
        self.chance = random.Random(7)
        self.posted = 0
        self.answers = collections.Counter()
        self.times = []
        self.connection = None

    def line(self):
        return f"{self.posted} notifications posted, answers {dict(self.answers)}"

    def post(self):
        group = self.chance.choice(self.changes.recent)
        body = json.dumps({"value": [{**self.item, "resource": f"Groups/{group}", "resourceData": {"id": group}}]})
        begun = time.monotonic()
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            self.connection.request("POST", "/graph/notifications", body, {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            answer.read()
            self.answers[answer.status] += 1
            self.times.append(time.monotonic() - begun)
        except (OSError, http.client.HTTPException) as error:
            self.answers[type(error).__name__] += 1
            if self.connection:
                self.connection.close()
            self.connection = None
        self.posted += 1

    def work(self):
        due = time.monotonic()
        while not self.ending.is_set():
            self.post()
            due = max(due + 1 / self.each_second, time.monotonic() - 1)
            self.ending.wait(max(0, due - time.monotonic()))


class Faults(Background):
    """One fault after the other, with a pause between them."""

    GRAPH = ({"kind": "429", "retry_after": 2, "times": 5}, {"kind": "503", "times": 5}, {"kind": "500", "times": 3},
             {"kind": "cut", "times": 3}, {"kind": "garbage", "times": 2}, {"kind": "expired-token", "times": 1},
             {"kind": "delay", "delay_ms": 3000, "times": 3}, {"kind": "410", "times": 1},
             {"kind": "syncStateNotFound", "times": 1})
    DELIVERY = ({"lose": 0.5}, {"duplicate": 0.5}, {"delay_ms": 20_000}, {"reorder": True}, {"other_tenant": True})
    CALM = {"lose": 0, "duplicate": 0, "delay_ms": 0, "reorder": False, "other_tenant": False}

    def __init__(self, emulator, controller, kill, seed):
        super().__init__()
        self.emulator = emulator
        self.controller = controller
        self.kill = kill
        self.chance = random.Random(seed)
        self.counts = collections.Counter()
        self.now = "none"

    def of_graph(self):
        fault = self.chance.choice(self.GRAPH)
        self.now = f"Graph {fault['kind']}"
        self.emulator.control("POST", "/faults", {"operation": "groups-delta", **fault})
        self.ending.wait(10)
        self.emulator.control("DELETE", "/faults")

    def of_delivery(self):
        fault = self.chance.choice(self.DELIVERY)
        self.now = f"delivery {next(iter(fault))}"
        self.emulator.control("POST", "/notifications", {**self.CALM, **fault})
        self.ending.wait(15)
        self.emulator.control("POST", "/notifications", self.CALM)

    def of_delta(self):
        self.now = "delta lags"
        self.emulator.control("POST", "/delta", {"lag_ms": 5000, "replay": True, "page_size": 10})
        self.ending.wait(15)
        self.emulator.control("POST", "/delta", {"lag_ms": 0, "replay": False, "page_size": 100})

    def of_directory(self):
        if self.chance.random() < 0.5:
            self.now = "AD is silent"
            self.controller.pause()
            self.ending.wait(5)
            self.controller.resume()
        else:
            self.now = "AD is down"
            self.controller.stop(now=True)
            self.ending.wait(8)
            self.controller.start()

    def of_daemon(self):
        self.now = "kill -9"
        self.kill()
        self.ending.wait(5)

    def work(self):
        kinds = [self.of_graph, self.of_delivery, self.of_delta]
        if self.controller:
            kinds.append(self.of_directory)
        if self.kill:
            kinds.append(self.of_daemon)
        while not self.ending.wait(self.chance.uniform(8, 15)):
            self.chance.choice(kinds)()
            self.counts[self.now] += 1
            self.now = "none"

    def calm(self):
        self.emulator.control("DELETE", "/faults")
        self.emulator.control("POST", "/notifications", self.CALM)
        self.emulator.control("POST", "/delta", {"lag_ms": 0, "replay": False})
