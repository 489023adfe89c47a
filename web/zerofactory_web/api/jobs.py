"""Long work: how far it is."""

from __future__ import annotations

from zerofactory_web.api.operation import Call, Operation, Parameter, Result
from zerofactory_web.jobs import service
from zerofactory_web.jobs.view import job_view

#: Seconds after which another look at a job that goes on makes sense.
_AGAIN = "2"


def _job(call: Call) -> Result:
    data = job_view(service.look(call.store, call.actor, call.path["id"]), call.language)
    return Result(data, headers={} if data["ended"] else {"Retry-After": _AGAIN})


OPERATIONS = (
    Operation("get-job", "GET", "/jobs/{id}", "jobs", "read", _job, {200: "Job"},
              (Parameter("id", "path", {"type": "string", "pattern": "^[0-9a-z]{26}$"}, "api.parameter-job",
                         required=True),)),)
