"""Contains all the data models used in inputs/outputs"""

from .addressing import Addressing
from .alert_state import AlertState
from .alert_state_filter import AlertStateFilter
from .alert_type import AlertType
from .alert_view import AlertView
from .alert_view_data import AlertViewData
from .api_key_create import ApiKeyCreate
from .api_key_created import ApiKeyCreated
from .api_key_view import ApiKeyView
from .archive_compression import ArchiveCompression
from .audit_event_view import AuditEventView
from .audit_event_view_details import AuditEventViewDetails
from .backup_accepted import BackupAccepted
from .backup_create import BackupCreate
from .backup_create_labels import BackupCreateLabels
from .backup_state import BackupState
from .backup_update import BackupUpdate
from .backup_update_labels import BackupUpdateLabels
from .backup_view import BackupView
from .backup_view_labels import BackupViewLabels
from .backups_accepted import BackupsAccepted
from .compression import Compression
from .copy_list import CopyList
from .copy_state import CopyState
from .copy_view import CopyView
from .count_view import CountView
from .database_accepted import DatabaseAccepted
from .database_facts import DatabaseFacts
from .database_state import DatabaseState
from .database_update import DatabaseUpdate
from .database_update_labels_type_0 import DatabaseUpdateLabelsType0
from .database_view import DatabaseView
from .database_view_labels import DatabaseViewLabels
from .download_create import DownloadCreate
from .download_view import DownloadView
from .dump_options import DumpOptions
from .encryption import Encryption
from .environment_create import EnvironmentCreate
from .environment_kind import EnvironmentKind
from .environment_update import EnvironmentUpdate
from .environment_view import EnvironmentView
from .event_view import EventView
from .event_view_data import EventViewData
from .extension import Extension
from .external_database_adopt import ExternalDatabaseAdopt
from .external_database_adopt_labels import ExternalDatabaseAdoptLabels
from .in_place import InPlace
from .into_logical_database import IntoLogicalDatabase
from .into_new_database import IntoNewDatabase
from .job_event_view import JobEventView
from .job_event_view_detail import JobEventViewDetail
from .job_state import JobState
from .job_view import JobView
from .job_view_links import JobViewLinks
from .job_view_result_type_0 import JobViewResultType0
from .large_objects_view import LargeObjectsView
from .local_database_create import LocalDatabaseCreate
from .local_database_create_labels import LocalDatabaseCreateLabels
from .location_create import LocationCreate
from .location_state import LocationState
from .location_update import LocationUpdate
from .location_view import LocationView
from .location_view_capabilities import LocationViewCapabilities
from .logical_database_view import LogicalDatabaseView
from .logical_databases_view import LogicalDatabasesView
from .manifest import Manifest
from .manifest_archive import ManifestArchive
from .manifest_labels import ManifestLabels
from .object_kind import ObjectKind
from .on_conflict import OnConflict
from .origin import Origin
from .outcome import Outcome
from .owner_mode import OwnerMode
from .page_alert_view import PageAlertView
from .page_api_key_view import PageApiKeyView
from .page_audit_event_view import PageAuditEventView
from .page_backup_view import PageBackupView
from .page_database_view import PageDatabaseView
from .page_environment_view import PageEnvironmentView
from .page_event_view import PageEventView
from .page_job_view import PageJobView
from .page_location_view import PageLocationView
from .page_project_view import PageProjectView
from .page_restore_summary import PageRestoreSummary
from .parts import Parts
from .probe_view import ProbeView
from .probe_view_seconds import ProbeViewSeconds
from .problem import Problem
from .problem_item import ProblemItem
from .progress import Progress
from .project_create import ProjectCreate
from .project_update import ProjectUpdate
from .project_view import ProjectView
from .provider_name import ProviderName
from .relation_name import RelationName
from .restore_accepted import RestoreAccepted
from .restore_create import RestoreCreate
from .restore_create_role_map import RestoreCreateRoleMap
from .restore_options import RestoreOptions
from .restore_options_role_map import RestoreOptionsRoleMap
from .restore_report import RestoreReport
from .restore_state import RestoreState
from .restore_summary import RestoreSummary
from .restore_summary_role_map import RestoreSummaryRoleMap
from .restore_view import RestoreView
from .restore_view_role_map import RestoreViewRoleMap
from .scope import Scope
from .sequence_value import SequenceValue
from .setting import Setting
from .severity import Severity
from .snapshot import Snapshot
from .step_progress import StepProgress
from .stored_object import StoredObject
from .table_name import TableName
from .table_rows import TableRows
from .target_kind import TargetKind
from .tls_mode import TlsMode
from .tool_versions import ToolVersions
from .variables_view import VariablesView
from .variables_view_variables import VariablesViewVariables
from .verification import Verification
from .whoami import Whoami

__all__ = (
    "Addressing",
    "AlertState",
    "AlertStateFilter",
    "AlertType",
    "AlertView",
    "AlertViewData",
    "ApiKeyCreate",
    "ApiKeyCreated",
    "ApiKeyView",
    "ArchiveCompression",
    "AuditEventView",
    "AuditEventViewDetails",
    "BackupAccepted",
    "BackupCreate",
    "BackupCreateLabels",
    "BackupsAccepted",
    "BackupState",
    "BackupUpdate",
    "BackupUpdateLabels",
    "BackupView",
    "BackupViewLabels",
    "Compression",
    "CopyList",
    "CopyState",
    "CopyView",
    "CountView",
    "DatabaseAccepted",
    "DatabaseFacts",
    "DatabaseState",
    "DatabaseUpdate",
    "DatabaseUpdateLabelsType0",
    "DatabaseView",
    "DatabaseViewLabels",
    "DownloadCreate",
    "DownloadView",
    "DumpOptions",
    "Encryption",
    "EnvironmentCreate",
    "EnvironmentKind",
    "EnvironmentUpdate",
    "EnvironmentView",
    "EventView",
    "EventViewData",
    "Extension",
    "ExternalDatabaseAdopt",
    "ExternalDatabaseAdoptLabels",
    "InPlace",
    "IntoLogicalDatabase",
    "IntoNewDatabase",
    "JobEventView",
    "JobEventViewDetail",
    "JobState",
    "JobView",
    "JobViewLinks",
    "JobViewResultType0",
    "LargeObjectsView",
    "LocalDatabaseCreate",
    "LocalDatabaseCreateLabels",
    "LocationCreate",
    "LocationState",
    "LocationUpdate",
    "LocationView",
    "LocationViewCapabilities",
    "LogicalDatabasesView",
    "LogicalDatabaseView",
    "Manifest",
    "ManifestArchive",
    "ManifestLabels",
    "ObjectKind",
    "OnConflict",
    "Origin",
    "Outcome",
    "OwnerMode",
    "PageAlertView",
    "PageApiKeyView",
    "PageAuditEventView",
    "PageBackupView",
    "PageDatabaseView",
    "PageEnvironmentView",
    "PageEventView",
    "PageJobView",
    "PageLocationView",
    "PageProjectView",
    "PageRestoreSummary",
    "Parts",
    "ProbeView",
    "ProbeViewSeconds",
    "Problem",
    "ProblemItem",
    "Progress",
    "ProjectCreate",
    "ProjectUpdate",
    "ProjectView",
    "ProviderName",
    "RelationName",
    "RestoreAccepted",
    "RestoreCreate",
    "RestoreCreateRoleMap",
    "RestoreOptions",
    "RestoreOptionsRoleMap",
    "RestoreReport",
    "RestoreState",
    "RestoreSummary",
    "RestoreSummaryRoleMap",
    "RestoreView",
    "RestoreViewRoleMap",
    "Scope",
    "SequenceValue",
    "Setting",
    "Severity",
    "Snapshot",
    "StepProgress",
    "StoredObject",
    "TableName",
    "TableRows",
    "TargetKind",
    "TlsMode",
    "ToolVersions",
    "VariablesView",
    "VariablesViewVariables",
    "Verification",
    "Whoami",
)
