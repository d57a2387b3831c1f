"""`python -m apijourney.report`: see `apijourney.report.command`."""

import sys

from apijourney.report.command import main

if __name__ == "__main__":
    sys.exit(main())
