#!/usr/bin/python3
"""Where it runs: behind nginx with TLS at the edge, and on a unix socket."""
import os
import subprocess
import unittest

import tenant as tenants
from directory import Directory
from rig import Process, Rig, SOURCE_ROOT, free_port, wait_until


def certificates(folder):
    """A CA and a certificate for 127.0.0.1; gives the files (ca, certificate, key)."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder, timeout=30)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Edge CA")
    openssl("req", *key[:-2], "-keyout", "edge.key", "-out", "edge.csr", "-subj", "/CN=127.0.0.1")
    (folder / "extensions").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", "edge.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "extensions", "-out", "edge.pem")
    return folder / "ca.pem", folder / "edge.pem", folder / "edge.key"


class Proxy(unittest.TestCase):
    def setUp(self):
        self.rig = Rig("proxy")
        self.addCleanup(self.rig.close)
        self.dc = self.rig.domain_controller(users=50)
        self.tenant = tenants.generate(self.dc.users(), 10, 100)
        self.ca, self.certificate, self.key = certificates(self.rig.folder)
        self.emulator = self.rig.emulator(self.tenant, ["--delivery-ca", self.ca])
        self.directory = Directory(self.dc)
        self.edge_port = free_port()

    def start_nginx(self, backend):
        state = self.rig.folder / "nginx"
        state.mkdir()
        config = self.rig.folder / "nginx.conf"
        # nginx that is started by root lets its workers run as another user, who may not open a socket of ours.
        same_user = "user root;\n" if os.geteuid() == 0 else ""
        config.write_text(same_user + subprocess.run(
            [SOURCE_ROOT / "deploy/proxy/render", "--server-name", "localhost", "--certificate", self.certificate,
             "--key", self.key, "--listen", f"127.0.0.1:{self.edge_port}", "--path", "/graph", "--backend", backend,
             "--state", state, "--access-log", str(self.rig.folder / "access.log")],
            check=True, capture_output=True, text=True, timeout=30).stdout)
        nginx = Process(["/usr/sbin/nginx", "-c", config, "-e", "stderr"], self.rig.folder / "nginx.log")
        self.addCleanup(nginx.stop)
        return nginx

    def change_and_expect(self):
        group = self.tenant["groups"][0]
        group["description"] = "Changed through the edge"
        self.emulator.graph("PATCH", f"/groups/{group['id']}", {"description": group["description"]})
        expectation = tenants.expected(self.tenant)
        wait_until(lambda: not self.directory.differences(expectation), "AD equals the cloud", 30)

    def follows_through(self, listen, backend):
        """The poll interval is an hour, so what arrives has come by notification through nginx."""
        daemon = self.rig.daemon(self.dc, self.emulator, settings={
            "graph": {"poll_interval": "1h"},
            "webhook": {"listen": listen, "public_url": f"https://127.0.0.1:{self.edge_port}/graph"}})
        self.start_nginx(backend or f"127.0.0.1:{daemon.webhook_port}")
        if listen == "":
            daemon.sections["webhook"]["listen"] = f"127.0.0.1:{daemon.webhook_port}"
            daemon.write_config()
        daemon.start()
        self.change_and_expect()
        access = (self.rig.folder / "access.log").read_text()
        self.assertIn("/graph/notifications\" 202", access)
        daemon.stop()

    def test_notifications_come_through_nginx_with_tls_at_the_edge(self):
        self.follows_through("", None)

    def test_the_webhook_may_be_a_unix_socket_behind_nginx(self):
        socket = self.rig.folder / "webhook.sock"
        self.follows_through(f"unix:{socket}", f"unix:{socket}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
