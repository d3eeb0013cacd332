"""python -m services.registration"""

from services.registration.app import build
from services.registration.settings import Settings
from shared.service import serve

serve(build, Settings)
