"""Run the helper: ``python3 -m hero_onboarding.helper URL``."""

import sys

from hero_onboarding.helper.program import main

sys.exit(main())
