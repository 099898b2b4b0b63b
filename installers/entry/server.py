"""Entry of the packaged server."""

import sys

from sync_server.__main__ import main

sys.exit(main())
