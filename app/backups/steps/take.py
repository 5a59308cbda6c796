"""Taking a set of backups: register, preflight, dump each, globals, manifests, copies, sweep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.backups.errors import LocationRequired
from app.backups.models import Backup, BackupState, Encryption, Origin
from app.backups.repository import BackupRepository
from app.backups.schemas import TakeBackup
from app.backups.service import new_rows
from app.backups.steps import aftermath, storing
from app.backups.steps.copying import start_copies
from app.backups.steps.dumping import DumpOrder, dump_into, selection_of
from app.backups.steps.memo import BackupMemo, TakeRun, UploadMemo
from app.backups.steps.primary import Primary, choose_primary, part_grown, primary_failed
from app.backups.steps.watching import Meter
from app.databases.access import target_of
from app.databases.errors import DatabaseNotFound
from app.databases.escrow import recipients_of
from app.databases.models import Database
from app.databases.openings import close_address, open_address
from app.databases.repository import DatabaseRepository
from app.errors import Problem
from app.jobs.machine import Move, Steps, Wait, done, go, step
from app.jobs.run import Run
from app.jobs.states import JobState
from app.kit.age import AgeEncryptor
from app.kit.ids import encode_id, new_id
from app.locations.manifest import ObjectKind, StoredObject, folder_of
from app.locations.repository import LocationRepository
from app.postgres.connect import Target, connect
from app.postgres.dump import DumpClient, dump_globals
from app.postgres.errors import PrivilegeMissing
from app.postgres.facts import Login, database_facts, login
from app.postgres.logical_databases import logical_databases
from app.postgres.relations import RelationKind, relations, require_readable
from app.postgres.server_user import server_user
from app.postgres.sessions import end_sessions
from app.runtime import Runtime
from app.storage.errors import UploadTooLarge
from app.storage.pump import in_flight_for, part_bytes_for
from app.storage.store import MAX_PARTS

_NO_HASHES: Final = "The login is no superuser, so the roles of the server are backed up without their password hashes."
_EXTENSION: Final = {Encryption.AGE: ".age", Encryption.NONE: ""}


@dataclass(frozen=True)
class TakeBackupSteps(Steps[TakeBackup, BackupMemo]):
    runtime: Runtime

    args = TakeBackup
    memo = BackupMemo

    @step
    async def register(self, run: TakeRun) -> Move:
        """Makes the rows, unless the request that asked for the backup made them; and the way to the server, if wished."""
        if run.args.network is not None:
            opened = await open_address(self.runtime, run, run.args.database_id)
            if isinstance(opened, Wait):
                return opened
            run.memo.address = opened
        if await _backups(run):
            async with run.writing() as session:
                await BackupRepository(session).assign(run.args.set_id, run.id)  # a retry made them before its job
            return go(self.preflight)
        database = await self._database(run)
        names = run.args.logical_databases or await self._all_names(run, database)
        async with run.writing() as session:
            location_ids = list(run.args.location_ids)
            if not location_ids:
                default = await LocationRepository(session).default_of(database.project_id, hold=True)
                if default is None:
                    raise LocationRequired
                location_ids = [default.id]
            rows = new_rows(
                run.args.model_copy(update={"expires_at": self._expiry(run.args)}),
                database,
                {new_id(): name for name in names},
                created_by=run.job.created_by,
                job_id=run.id,
            )
            await BackupRepository(session).add(rows, location_ids)
        return go(self.preflight)

    def _expiry(self, args: TakeBackup) -> datetime | None:
        """Who asks for a restore or a deletion does not think of the backup that comes with it for ever after."""
        settings = self.runtime.settings.backup
        days = {Origin.SAFETY: settings.safety_days, Origin.FINAL: settings.final_days}.get(args.origin)
        return self.runtime.clock() + timedelta(days=days) if days and args.expires_at is None else args.expires_at

    @step
    async def preflight(self, run: TakeRun) -> Move:
        """What would fail the dump later fails it here, with a name: a missing client, a closed table, a wrong name."""
        database = await self._database(run)
        for backup in await _backups(run):
            run.report(detail=backup.logical_database)
            target = self._target(run, database, backup.logical_database)
            async with connect(target, application_name=_application_name(run)) as session:
                found = await login(session)
                selection = selection_of(run.args.options)
                existing = await relations(session)
                require_readable(selection.picked(existing))
                if not selection.tables and not run.args.options.schema_only:
                    require_readable([r for r in existing if r.kind is RelationKind.SEQUENCE and not r.is_member])
                facts = await database_facts(session)
            run.memo.size_bytes[backup.id] = facts.size_bytes
            self._note_login(run, found)
            self._client(run, target)
        async with run.writing() as session:
            ours, *escrow = await recipients_of(session, self.runtime.key_ring, database.project_id)
            run.memo.recipient, run.memo.escrow_recipients = str(ours), [str(one) for one in escrow]
        return go(self.dump)

    @step
    async def dump(self, run: TakeRun) -> Move:
        """One backup; the step comes again for the next, with all of its attempts."""
        backups = await _backups(run)
        async with run.reading() as session:
            dumped = await BackupRepository(session).dumped([backup.id for backup in backups])
        backup = next((one for one in backups if one.id not in dumped), None)
        if backup is None:
            return go(self.globals)
        database = await self._database(run)
        target = self._target(run, database, backup.logical_database)
        await end_sessions(target, application_name=_application_name(run))
        await self._abandon_upload(run)
        location_ids = await self._location_ids(run, backup)
        primary = await choose_primary(self.runtime, run, location_ids, run.memo.failed_location_ids)
        try:
            await self._dump(run, database, backup, primary)
        except UploadTooLarge as problem:
            raise part_grown(problem, run.memo.part_bytes, backup.id) from problem
        except Problem as problem:
            raise primary_failed(problem, primary, location_ids, run.memo.failed_location_ids) from problem
        return go(self.dump)

    @step
    async def globals(self, run: TakeRun) -> Move:
        """Roles and tablespaces: encrypted whatever was asked for, since password hashes are among them."""
        database = await self._database(run)
        target = self._target(run, database, None)
        warnings = [] if run.memo.is_superuser else [_NO_HASHES]
        script = sealed = b""
        try:
            script = await dump_globals(
                self._client(run, target).installation,
                target,
                with_passwords=run.memo.is_superuser,
                application_name=_application_name(run),
                run_as=self._run_as(run, target),
            )
        except PrivilegeMissing as problem:
            warnings = [f"The roles of the server could not be backed up: {problem.detail}"]
        else:
            encryptor = AgeEncryptor(run.memo.recipients)
            sealed = encryptor.update(script) + encryptor.finish()
        for warning in warnings:
            await run.warn(warning)
        for backup in await _backups(run):
            key = f"{folder_of(backup)}{run.token}/globals.sql.age"
            await storing.put_globals(self.runtime, run, backup, key, script=script, sealed=sealed, warnings=warnings)
        return go(self.manifest if run.args.network is None else self.leave)

    @step
    async def leave(self, run: TakeRun) -> Move:
        """The rest needs no server, so what was opened to it is closed."""
        return await close_address(self.runtime, run, run.args.database_id) or go(self.manifest)

    @step
    async def manifest(self, run: TakeRun) -> Move:
        """The last object. With it, and only then, the backup is available."""
        for backup in await _backups(run):
            if backup.state == BackupState.CREATING:
                await storing.put_manifest(self.runtime, run, backup)
        return go(self.copy)

    @step
    async def copy(self, run: TakeRun) -> Move:
        """A job of its own for each further location: they run side by side, and a failing one fails no backup."""
        await self._abandon_upload(run)
        for backup in await _backups(run):
            async with run.writing() as session:
                await start_copies(session, run, backup.id)
        return go(self.sweep)

    @step
    async def sweep(self, run: TakeRun) -> Move:
        """What attempts that lost left beside the objects that count."""
        backups = await _backups(run)
        for backup in backups:
            await aftermath.sweep_strays(self.runtime, run, backup)
        ids = [encode_id("bak", backup.id) for backup in backups]
        async with run.reading() as session:
            copies = await BackupRepository(session).copies([backup.id for backup in backups])
        jobs = [encode_id("job", one.job_id) for backup in backups for one in copies[backup.id] if one.job_id]
        return done(
            type="backup", set_id=encode_id("set", run.args.set_id), backup_ids=ids, copy_job_ids=sorted(set(jobs))
        )

    async def compensate(self, run: TakeRun, outcome: JobState) -> None:
        await aftermath.end_server_sessions(self.runtime, run, _application_name(run))
        await close_address(self.runtime, run, run.args.database_id)
        await self._abandon_upload(run)
        await aftermath.undo(self.runtime, run, await _backups(run), outcome)

    async def _dump(self, run: TakeRun, database: Database, backup: Backup, primary: Primary) -> None:
        target = self._target(run, database, backup.logical_database)
        settings = self.runtime.settings.backup
        order = DumpOrder(
            target=target,
            server_major=run.memo.server_major,
            client=self._client(run, target),
            options=run.args.options,
            recipients=run.memo.recipients if run.args.encryption is Encryption.AGE else [],
            application_name=_application_name(run),
            run_as=self._run_as(run, target),
            count_timeout_seconds=settings.count_timeout_seconds,
            fingerprint_seconds=settings.fingerprint_seconds,
        )
        most_parts = primary.location.max_parts or MAX_PARTS
        part_bytes = max(
            settings.part_bytes,
            run.memo.part_bytes.get(backup.id, 0),
            part_bytes_for(run.memo.size_bytes.get(backup.id, 0), max_parts=most_parts),
        )
        in_flight = in_flight_for(part_bytes, settings.parts_in_flight)
        key = f"{folder_of(backup)}{run.token}/archive-0001.dump{_EXTENSION[run.args.encryption]}"
        began = self.runtime.clock()
        async with primary.store.multipart(key, part_bytes=part_bytes, in_flight=in_flight) as upload:
            run.memo.upload = UploadMemo(location_id=primary.location.id, key=key, upload_id=upload.upload_id)
            await run.remember()
            dumped = await dump_into(upload, order, connections=self.runtime.connections, report=_reporter(run, backup))
            receipt = await upload.complete()
        stored = StoredObject(
            kind=ObjectKind.ARCHIVE,
            key=key,
            encryption=run.args.encryption,
            size_bytes=receipt.size_bytes,
            sha256=receipt.sha256,
            plain_size_bytes=dumped.plain_size_bytes,
            plain_sha256=dumped.plain_sha256,
            part_bytes=part_bytes,
        )
        seconds = (self.runtime.clock() - began).total_seconds()
        draft = storing.draft(backup, database, order=order, dumped=dumped, archive=stored, memo=run.memo)
        run.memo.upload = None
        async with run.writing() as session:
            await storing.keep_draft(session, draft, primary.location, seconds=seconds)

    async def _database(self, run: TakeRun) -> Database:
        async with run.reading() as session:
            database = await DatabaseRepository(session).find(run.args.database_id)
        if database is None:
            raise DatabaseNotFound(run.args.database_id)
        return database

    async def _location_ids(self, run: TakeRun, backup: Backup) -> Sequence[UUID]:
        """In the order of preference; who names none has one, the project's default of that time."""
        if run.args.location_ids:
            return run.args.location_ids
        async with run.reading() as session:
            copies = await BackupRepository(session).copies([backup.id])
        return [copy.location_id for copy in copies[backup.id]]

    async def _all_names(self, run: TakeRun, database: Database) -> Sequence[str]:
        async with connect(self._target(run, database, None), application_name=_application_name(run)) as session:
            return [found.name for found in await logical_databases(session)]

    async def _abandon_upload(self, run: TakeRun) -> None:
        """Of an attempt before this one: whoever made it may still be sending, and must not be able to complete it."""
        if run.memo.upload is not None:
            await aftermath.abort_upload(self.runtime, run, run.memo.upload)
            run.memo.upload = None

    def _target(self, run: TakeRun, database: Database, name: str | None) -> Target:
        return target_of(database, self.runtime.key_ring, database_name=name, address=run.memo.address)

    def _client(self, run: TakeRun, target: Target) -> DumpClient:
        level = self.runtime.settings.backup.compression_level
        return DumpClient.choose(self.runtime.toolchain, target, server_major=run.memo.server_major, level=level)

    def _run_as(self, run: TakeRun, target: Target) -> tuple[int, int] | None:
        user = server_user(self.runtime.settings.postgres.run_as_user)
        if user is None:
            return None
        user.check_reach([self._client(run, target).installation.bin_dir])
        return user.uid, user.gid

    def _note_login(self, run: TakeRun, found: Login) -> None:
        run.memo.server_version, run.memo.server_major = found.version, found.major
        run.memo.is_superuser = found.is_superuser


def _application_name(run: Run[Any, Any]) -> str:
    """Carried by every session of the job, so that they can be found and ended."""
    return f"pgmanager {encode_id('job', run.id)}"


async def _backups(run: TakeRun) -> Sequence[Backup]:
    async with run.reading() as session:
        return await BackupRepository(session).of_set(run.args.set_id)


def _reporter(run: TakeRun, backup: Backup) -> Any:
    def report(meter: Meter) -> None:
        run.report(
            bytes_done=meter.bytes_read,
            bytes_total=meter.bytes_total,
            rows_done=meter.rows_done,
            rows_total=meter.rows_total,
            detail=backup.logical_database,
        )

    return report
