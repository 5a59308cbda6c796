"""What a deletion takes and what it leaves, told before and after."""

from typing import Any

from app.databases.models import Database, ProviderName
from app.providers.railway.place import Place
from app.providers.railway.removing import RECOVERABLE
from app.provisioning.schemas import DeleteDatabase, DeletionPlan


def deletion_plan(database: Database, args: DeleteDatabase) -> DeletionPlan:
    """By what is known here: Railway is asked by the job, before it removes anything."""
    plan = DeletionPlan(steps=[], warnings=[], final_backup=args.final_backup, keep_server=args.keep_server)
    if args.final_backup:
        plan.steps.append("back up every logical database")
    if args.keep_server:
        plan.steps.append("forget the database")
        plan.warnings.append(what_stays(database)["stays"])
    elif database.provider == ProviderName.RAILWAY:
        _tell_of_railway(plan, Place.of(database.provider_data))
    elif database.provider == ProviderName.EXTERNAL:
        plan.steps.append("forget the database; its server is not ours and stays as it is")
    else:
        plan.steps.append("stop the server and remove its data")
    return plan


def what_stays(database: Database) -> dict[str, Any]:
    """For the job's result: ``stays`` for people, and by what it is found at Railway."""
    if database.provider != ProviderName.RAILWAY:
        return {"stays": f"The server at {database.host}:{database.port} runs on, and its data stays."}
    place = Place.of(database.provider_data)
    volume = f" and its volume {place.volume_id}" if place.volume_id else ""
    return {
        "stays": f"At Railway {_service(place)}{volume} stay as they are, in its environment {place.environment_id}. They are "
        "billed on until somebody deletes them there.",
        **place.model_dump(include={"environment_id", "service_id", "service_name", "volume_id"}),
    }


def _tell_of_railway(plan: DeletionPlan, place: Place) -> None:
    plan.railway_project_id, plan.railway_environment_id = place.project_id, place.environment_id
    plan.service_id, plan.service_name, plan.volume_id = place.service_id, place.service_name, place.volume_id
    plan.steps.append(f"delete {_service(place)} at Railway")
    plan.warnings.append(
        "It is refused where the service lives in another environment too, such as the original of a fork: keep_server=true "
        "then forgets the database and leaves Railway alone."
    )
    if place.volume_id:
        plan.recoverable_hours = round(RECOVERABLE.total_seconds() / 3600)
        plan.steps.append(f"delete its volume {place.volume_id}, and Railway's snapshots of it")
        plan.warnings.append(
            f"Railway can bring the volume back for {plan.recoverable_hours} hours, and not after that."
        )


def _service(place: Place) -> str:
    if place.service_id is None:
        return "what its creation has made"
    return (
        f"the service {place.service_name} ({place.service_id})"
        if place.service_name
        else f"the service {place.service_id}"
    )
