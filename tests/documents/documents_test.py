#!/usr/bin/python3
"""What the documents name exists, and what they claim against others has a test that runs."""
import os
import re
import subprocess
import unittest

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
TOP = ("src/", "include/", "tests/", "deploy/", "subprojects/")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`([^`\s]+)`")


def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def documents():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "*.md"], capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return listed.stdout.split()
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if not name.startswith((".", "build"))]
        found += [os.path.relpath(os.path.join(folder, name), ROOT) for name in files if name.endswith(".md")]
    return found


def exists(path, base):
    for start in (base, ROOT):
        whole = os.path.normpath(os.path.join(start, path))
        if os.path.exists(whole) or any(os.path.exists(whole + end) for end in (".cpp", ".hpp", ".py")):
            return True
    return False


def registered_stories():
    """The files of test programs that some meson.build names."""
    build_files = [os.path.join(folder, "meson.build") for folder, _, files in os.walk(os.path.join(ROOT, "tests"))
                   if "meson.build" in files]
    stories = set()
    for path in build_files:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        folder = os.path.relpath(os.path.dirname(path), ROOT)
        stories |= {f"{folder}/{name}" for name in re.findall(r"'([\w/]+\.(?:cpp|py))'", text)}
        for names in re.findall(r"end_to_end_stories = \[([^\]]*)\]", text):
            stories |= {f"{folder}/{name}_test.py" for name in re.findall(r"'(\w+)'", names)}
    return stories


def comparison_rows():
    section = text_of("README.md").split("## How it compares")[1].split("\n## ")[0]
    table = section.split("\n\n")
    rows = [line for part in table for line in part.splitlines() if line.startswith("|") and "shown by" not in line]
    width = max(line.count("|") for line in rows)
    return [line for line in rows if line.count("|") == width and not set(line) <= set("|- ")]


class Documents(unittest.TestCase):
    def test_every_file_that_a_document_names_exists(self):
        for document in documents():
            base = os.path.join(ROOT, os.path.dirname(document))
            text = re.sub(r"```.*?```", "", text_of(document), flags=re.S)
            named = [path for path in LINK.findall(text) if "://" not in path]
            named += [path for path in CODE.findall(text) if path.startswith(TOP) and re.fullmatch(r"[\w./-]+", path)]
            for path in named:
                with self.subTest(document=document, path=path):
                    self.assertTrue(exists(path.removesuffix("*"), base), f"{document} names {path}")

    def test_every_claim_against_others_names_a_test_that_runs(self):
        stories = registered_stories()
        rows = comparison_rows()
        self.assertGreater(len(rows), 10)
        for row in rows:
            with self.subTest(row=row):
                proofs = CODE.findall(row.rstrip("| ").rsplit("|", 1)[1])
                self.assertTrue(proofs, "the row names no test")
                for proof in proofs:
                    self.assertTrue("tests/" + proof in stories, f"no meson.build runs tests/{proof}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
