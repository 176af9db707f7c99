from ghar.api.routers import Router

router = Router()
