"""What `spark-submit` starts: `python -m ladder.spark` in an environment that was shipped."""

import sys

from ladder.spark.__main__ import main

sys.exit(main())
