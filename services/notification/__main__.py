"""python -m services.notification"""

from services.notification.app import build
from services.notification.settings import Settings
from shared.service import serve

serve(build, Settings)
