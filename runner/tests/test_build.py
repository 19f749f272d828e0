import subprocess
import sys
import unittest

from support import RUNNER

BUILD = RUNNER.parent / "build.py"
PARTS = sorted((RUNNER.parent / "src").glob("*.py"))


class BuildTest(unittest.TestCase):
    def test_the_served_file_is_what_the_sources_make(self):
        done = subprocess.run([sys.executable, str(BUILD), "--check"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_part_fits_in_a_head(self):
        for part in PARTS:
            with self.subTest(part=part.name):
                self.assertLess(len(part.read_text(encoding="utf-8").splitlines()), 300)

    def test_nothing_but_the_standard_library_is_needed_to_start(self):
        code = "import sys; sys.path.insert(0, sys.argv[1]); import finetunelab_runner"
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", code, str(RUNNER.parent)], capture_output=True, text=True
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
