"""A control plane and a store on a real loopback port, which fail on demand."""

import gzip
import hashlib
import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JOB_ID = "0b6f1c9e-6a4e-4c53-9a1e-1f2d3c4b5a69"
JOB_TOKEN = "job-token-0123456789abcdef"


def pack(rows, members=3):
    """Rows as the store keeps them: gzip members, one after another."""
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    size = max(1, -(-len(lines) // members))
    return b"".join(gzip.compress(b"".join(lines[at : at + size])) for at in range(0, len(lines), size))


def iso(seconds_from_now):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_from_now))


class StoredDataset:
    def __init__(self, rows, name="sample", weight=1.0, dataset_id="d0000000-0000-4000-8000-000000000001"):
        self.id = dataset_id
        self.name = name
        self.rows = rows
        self.weight = weight
        self.bytes = pack(rows)
        self.sha256 = hashlib.sha256(self.bytes).hexdigest()
        self.total_examples = len(rows)

    def lease(self, base, link, expires_in):
        return {
            "id": self.id,
            "name": self.name,
            "url": f"{base}/store/{self.id}?signature=secret-signature-{link}&expires=1",
            "expires_at": iso(expires_in),
            "sha256": self.sha256,
            "size_bytes": len(self.bytes),
            "format": "chatml",
            "total_examples": self.total_examples,
            "weight": self.weight,
        }


class ControlPlaneDouble:
    """`faults` is a list of callables, each taken once by the next download: fault(handler, dataset) -> handled?"""

    def __init__(self, datasets=(), config=None, port=0):
        self.datasets = {dataset.id: dataset for dataset in datasets}
        self.config = config or {}
        self.lock = threading.Lock()
        self.faults = []
        self.leases = 0
        self.link_expires_in = 7200
        self.reports = []
        self.downloads = []
        self.cancel = False
        self.cancel_when = lambda report: False
        self.answer_report = None
        self.answer_lease = None
        self.artifacts = {}
        self.partial = {}
        self.artifact_calls = []
        # Callables, each taken once by the next PUT: fault(handler) -> handled?
        self.artifact_faults = []
        self.start(port)

    def start(self, port):
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_arguments):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                double.post(self, body)

            def do_GET(self):
                if self.path.startswith("/api/"):
                    return double.get_artifact(self)
                double.get(self)

            def do_PUT(self):
                double.put(self)

            def answer(self, status, body=b"", headers=()):
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                if not any(name == "Content-Length" for name, _ in headers):
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_arguments):
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # What the runner sees

    def post(self, handler, body):
        if handler.headers.get("Authorization") != f"Bearer {JOB_TOKEN}":
            return handler.answer(401, {"error": "no", "code": "unauthorized"})
        if handler.path == f"/api/training/jobs/{JOB_ID}/lease":
            return self.lease(handler)
        if handler.path == f"/api/training/jobs/{JOB_ID}/report":
            return self.report(handler, json.loads(body, parse_constant=not_json))
        return handler.answer(404, {"error": "no", "code": "not_found"})

    def lease(self, handler):
        with self.lock:
            self.leases += 1
            link = self.leases
        if self.answer_lease:
            answer = self.answer_lease(link)
            if answer:
                return handler.answer(*answer)
        datasets = [dataset.lease(self.url, link, self.link_expires_in) for dataset in self.datasets.values()]
        return handler.answer(200, {"datasets": datasets, "config": self.config})

    def report(self, handler, report):
        if self.answer_report:
            answer = self.answer_report(report)
            if answer:
                return handler.answer(*answer)
        with self.lock:
            self.reports.append(report)
            self.cancel = self.cancel or self.cancel_when(report)
        return handler.answer(200, {"status": report.get("status", "running"), "cancel": self.cancel})

    # Artifacts, as docs/guides/runner-protocol.md says

    def artifact_of(self, handler):
        """The name that is asked for, or None once the request is refused."""
        if handler.headers.get("Authorization") != f"Bearer {JOB_TOKEN}":
            handler.answer(401, {"error": "no", "code": "invalid_job_token"})
            return None
        base = f"/api/training/jobs/{JOB_ID}/artifacts"
        path = handler.path.split("?")[0]
        if not path.startswith(base):
            handler.answer(404, {"error": "no", "code": "not_found"})
            return None
        return path[len(base) :].lstrip("/")

    def get_artifact(self, handler):
        name = self.artifact_of(handler)
        if name is None:
            return None
        self.artifact_calls.append(f"GET {name}")
        if not name:
            kept = [{"name": each, "sha256": sha256_of(content)} for each, content in self.artifacts.items()]
            return handler.answer(200, {"artifacts": kept})
        if name.endswith("/progress"):
            name = name[: -len("/progress")]
            wanted = re.search(r"[?&]sha256=([0-9a-f]{64})(&|$)", handler.path).group(1)
            if name in self.artifacts and sha256_of(self.artifacts[name]) == wanted:
                return handler.answer(200, {"received_bytes": len(self.artifacts[name]), "complete": True})
            received = len(self.partial.get((name, wanted), b""))
            return handler.answer(200, {"received_bytes": received, "complete": False})
        if name not in self.artifacts:
            return handler.answer(404, {"error": "no", "code": "artifact_not_found"})
        return self.send_whole_or_range(handler, self.artifacts[name])

    def put(self, handler):
        name = self.artifact_of(handler)
        if name is None:
            return None
        length, wanted = int(handler.headers["Content-Length"]), handler.headers["X-Content-SHA256"]
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", handler.headers.get("Content-Range") or "")
        start = int(match.group(1)) if match else 0
        self.artifact_calls.append(f"PUT {name} {start}")
        assert re.fullmatch(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,254}", name), name
        fault = self.artifact_faults.pop(0) if self.artifact_faults else None
        if fault and fault(handler):
            return None
        before = self.partial.get((name, wanted), b"")
        if start != len(before):
            handler.rfile.read(length)
            answer = {"error": "no", "code": "artifact_offset", "received_bytes": len(before)}
            return handler.answer(409, answer)
        body = handler.rfile.read(length // 2 if fault else length)
        self.partial[(name, wanted)] = before + body
        if fault:
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return None
        whole = self.partial.pop((name, wanted))
        if sha256_of(whole) != wanted:
            return handler.answer(422, {"error": "no", "code": "artifact_corrupt"})
        self.artifacts[name] = whole
        return handler.answer(201, {"artifact": {"name": name, "sha256": wanted}})

    def get(self, handler):
        with self.lock:
            asked = {name: handler.headers.get(name) for name in ("Range", "Authorization")}
            self.downloads.append({"range": asked["Range"], "path": handler.path, "auth": asked["Authorization"]})
            fault = self.faults.pop(0) if self.faults else None
        dataset = self.datasets.get(handler.path.split("?")[0].rpartition("/")[2])
        if dataset is None:
            return handler.answer(404)
        if fault and fault(handler, dataset):
            return
        self.send_whole_or_range(handler, dataset.bytes)

    @staticmethod
    def send_whole_or_range(handler, content):
        match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range") or "")
        if not match:
            return handler.answer(200, content)
        start = int(match.group(1))
        if start >= len(content):
            return handler.answer(416)
        return handler.answer(
            206, content[start:], [("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")]
        )

    # What a test looks at

    def wait_for(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.lock:
                if condition(self.reports):
                    return
            time.sleep(0.02)
        raise AssertionError("it did not happen in time; reports: " + json.dumps(self.reports)[-3000:])

    @property
    def statuses(self):
        return [report["status"] for report in self.reports if "status" in report]

    @property
    def points(self):
        return [point for report in self.reports for point in report.get("metrics", [])]

    @property
    def lines(self):
        return [line["line"] for report in self.reports for line in report.get("logs", [])]

    @property
    def final(self):
        ends = [report for report in self.reports if report.get("status") in ("succeeded", "failed", "cancelled")]
        assert len(ends) == 1, f"{len(ends)} final reports"
        return ends[0]


def sha256_of(content):
    return hashlib.sha256(content).hexdigest()


def half_arrives(_handler):
    """For an artifact: half of what is sent is taken, then the connection breaks."""
    return False


def refuses(number, code):
    def fault(handler):
        handler.close_connection = True
        handler.answer(number, {"error": "no", "code": code})
        return True

    return fault


def not_json(constant):
    raise AssertionError(f"{constant} is not JSON")


# Faults


def cut_at(fraction):
    def fault(handler, dataset):
        """Promises everything, sends a part, hangs up."""
        match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range") or "")
        start = int(match.group(1)) if match else 0
        rest = dataset.bytes[start:]
        handler.send_response(206 if match else 200)
        if match:
            handler.send_header("Content-Range", f"bytes {start}-{len(dataset.bytes) - 1}/{len(dataset.bytes)}")
        handler.send_header("Content-Length", str(len(rest)))
        handler.end_headers()
        handler.wfile.write(rest[: int(len(rest) * fraction)])
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        return True

    return fault


def status(number):
    def fault(handler, _dataset):
        handler.answer(number, b"<html>no</html>")
        return True

    return fault


def range_ignored(handler, dataset):
    handler.answer(200, dataset.bytes)
    return True


def wrong_range(handler, dataset):
    handler.answer(
        206, dataset.bytes[5:], [("Content-Range", f"bytes 5-{len(dataset.bytes) - 1}/{len(dataset.bytes)}")]
    )
    return True


def wrong_bytes(handler, dataset):
    handler.answer(200, b"x" * len(dataset.bytes))
    return True
