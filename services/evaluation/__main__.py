"""python -m services.evaluation"""

from services.evaluation.app import build
from services.evaluation.settings import Settings
from shared.service import serve

serve(build, Settings)
