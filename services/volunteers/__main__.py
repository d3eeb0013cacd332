"""python -m services.volunteers"""

from services.volunteers.app import build
from services.volunteers.settings import Settings
from shared.service import serve

serve(build, Settings)
