"""Contains all the data models used in inputs/outputs"""

from .addressing import Addressing
from .alert_state import AlertState
from .alert_state_filter import AlertStateFilter
from .alert_type import AlertType
from .alert_view import AlertView
from .alert_view_data import AlertViewData
from .allowed import Allowed
from .api_key_create import ApiKeyCreate
from .api_key_created import ApiKeyCreated
from .api_key_view import ApiKeyView
from .archive_compression import ArchiveCompression
from .audit_event_view import AuditEventView
from .audit_event_view_details import AuditEventViewDetails
from .backup_accepted import BackupAccepted
from .backup_create import BackupCreate
from .backup_create_labels import BackupCreateLabels
from .backup_policy_preview import BackupPolicyPreview
from .backup_policy_put import BackupPolicyPut
from .backup_policy_release import BackupPolicyRelease
from .backup_policy_view import BackupPolicyView
from .backup_state import BackupState
from .backup_update import BackupUpdate
from .backup_update_labels import BackupUpdateLabels
from .backup_view import BackupView
from .backup_view_labels import BackupViewLabels
from .backups_accepted import BackupsAccepted
from .capability_view import CapabilityView
from .catch_up import CatchUp
from .change_accepted import ChangeAccepted
from .change_plan import ChangePlan
from .cluster_member_seen import ClusterMemberSeen
from .cluster_member_view import ClusterMemberView
from .cluster_seen import ClusterSeen
from .cluster_view import ClusterView
from .compared_constraints import ComparedConstraints
from .compared_contents import ComparedContents
from .compared_extension import ComparedExtension
from .compared_number import ComparedNumber
from .compared_table import ComparedTable
from .compression import Compression
from .connection_create import ConnectionCreate
from .connection_state import ConnectionState
from .connection_update import ConnectionUpdate
from .connection_view import ConnectionView
from .connection_view_capabilities import ConnectionViewCapabilities
from .constraints import Constraints
from .consumer_accepted import ConsumerAccepted
from .consumer_plan import ConsumerPlan
from .consumer_view import ConsumerView
from .consumer_wish import ConsumerWish
from .consumers_view import ConsumersView
from .copy_check import CopyCheck
from .copy_create import CopyCreate
from .copy_fate import CopyFate
from .copy_list import CopyList
from .copy_result import CopyResult
from .copy_state import CopyState
from .copy_view import CopyView
from .cost_estimate import CostEstimate
from .cost_estimate_view import CostEstimateView
from .cost_line import CostLine
from .count_view import CountView
from .coverage_backup import CoverageBackup
from .coverage_view import CoverageView
from .database_accepted import DatabaseAccepted
from .database_copy_accepted import DatabaseCopyAccepted
from .database_copy_create import DatabaseCopyCreate
from .database_facts import DatabaseFacts
from .database_state import DatabaseState
from .database_update import DatabaseUpdate
from .database_update_labels_type_0 import DatabaseUpdateLabelsType0
from .database_view import DatabaseView
from .database_view_labels import DatabaseViewLabels
from .deletion_plan import DeletionPlan
from .deployment_logs_view import DeploymentLogsView
from .deployment_seen import DeploymentSeen
from .deployment_view import DeploymentView
from .discarded_view import DiscardedView
from .download_create import DownloadCreate
from .download_view import DownloadView
from .drift_view import DriftView
from .dump_options import DumpOptions
from .encryption import Encryption
from .endpoint import Endpoint
from .environment_create import EnvironmentCreate
from .environment_kind import EnvironmentKind
from .environment_update import EnvironmentUpdate
from .environment_view import EnvironmentView
from .escrow_put import EscrowPut
from .escrow_recipient import EscrowRecipient
from .escrow_view import EscrowView
from .event_view import EventView
from .event_view_data import EventViewData
from .export_accepted import ExportAccepted
from .export_create import ExportCreate
from .export_download_create import ExportDownloadCreate
from .export_download_view import ExportDownloadView
from .export_options import ExportOptions
from .export_state import ExportState
from .export_view import ExportView
from .extension import Extension
from .extension_view import ExtensionView
from .external_database_adopt import ExternalDatabaseAdopt
from .external_database_adopt_labels import ExternalDatabaseAdoptLabels
from .fingerprints import Fingerprints
from .format_ import Format
from .from_object import FromObject
from .from_upload import FromUpload
from .from_url import FromUrl
from .git_hub_hook_create import GitHubHookCreate
from .git_lab_hook_create import GitLabHookCreate
from .hook_action import HookAction
from .hook_delivery_view import HookDeliveryView
from .hook_kind import HookKind
from .hook_secret_view import HookSecretView
from .hook_update import HookUpdate
from .hook_view import HookView
from .import_accepted import ImportAccepted
from .import_complete import ImportComplete
from .import_create import ImportCreate
from .import_create_labels import ImportCreateLabels
from .import_restore import ImportRestore
from .import_state import ImportState
from .import_view import ImportView
from .import_view_labels import ImportViewLabels
from .in_place import InPlace
from .intent_outcome import IntentOutcome
from .intent_view import IntentView
from .intent_view_made import IntentViewMade
from .intent_view_plan import IntentViewPlan
from .into_logical_database import IntoLogicalDatabase
from .into_new_database import IntoNewDatabase
from .into_rows import IntoRows
from .into_tables import IntoTables
from .job_event_view import JobEventView
from .job_event_view_detail import JobEventViewDetail
from .job_state import JobState
from .job_view import JobView
from .job_view_links import JobViewLinks
from .job_view_result_type_0 import JobViewResultType0
from .kind import Kind
from .large_objects_view import LargeObjectsView
from .left_out_view import LeftOutView
from .limits_change import LimitsChange
from .local_database_create import LocalDatabaseCreate
from .local_database_create_labels import LocalDatabaseCreateLabels
from .location_create import LocationCreate
from .location_fate import LocationFate
from .location_state import LocationState
from .location_update import LocationUpdate
from .location_view import LocationView
from .location_view_capabilities import LocationViewCapabilities
from .lock_mode import LockMode
from .lock_wish import LockWish
from .log_line_view import LogLineView
from .logical_database_view import LogicalDatabaseView
from .logical_databases_view import LogicalDatabasesView
from .manifest import Manifest
from .manifest_archive import ManifestArchive
from .manifest_labels import ManifestLabels
from .measured_value import MeasuredValue
from .method import Method
from .network import Network
from .next_runs import NextRuns
from .not_covered import NotCovered
from .object_kind import ObjectKind
from .object_view import ObjectView
from .on_conflict import OnConflict
from .on_rows import OnRows
from .origin import Origin
from .outcome import Outcome
from .owner_choice import OwnerChoice
from .owner_mode import OwnerMode
from .owner_statements import OwnerStatements
from .page_alert_view import PageAlertView
from .page_api_key_view import PageApiKeyView
from .page_audit_event_view import PageAuditEventView
from .page_backup_view import PageBackupView
from .page_connection_view import PageConnectionView
from .page_coverage_view import PageCoverageView
from .page_database_view import PageDatabaseView
from .page_deployment_view import PageDeploymentView
from .page_environment_view import PageEnvironmentView
from .page_event_view import PageEventView
from .page_export_view import PageExportView
from .page_hook_delivery_view import PageHookDeliveryView
from .page_hook_view import PageHookView
from .page_import_view import PageImportView
from .page_intent_view import PageIntentView
from .page_job_view import PageJobView
from .page_location_view import PageLocationView
from .page_project_view import PageProjectView
from .page_restore_summary import PageRestoreSummary
from .page_verification_summary import PageVerificationSummary
from .part_to_upload import PartToUpload
from .parts import Parts
from .pin import Pin
from .pin_view import PinView
from .planned_table import PlannedTable
from .platform_metrics_view import PlatformMetricsView
from .platform_status_view import PlatformStatusView
from .platform_status_view_metrics import PlatformStatusViewMetrics
from .point_view import PointView
from .policy_preview_view import PolicyPreviewView
from .policy_release_accepted import PolicyReleaseAccepted
from .policy_schedule_view import PolicyScheduleView
from .policy_state import PolicyState
from .priced import Priced
from .probe_view import ProbeView
from .probe_view_seconds import ProbeViewSeconds
from .problem import Problem
from .problem_item import ProblemItem
from .progress import Progress
from .project_create import ProjectCreate
from .project_update import ProjectUpdate
from .project_view import ProjectView
from .provider_name import ProviderName
from .public_access import PublicAccess
from .railway_database_create import RailwayDatabaseCreate
from .railway_database_create_labels import RailwayDatabaseCreateLabels
from .railway_environment_accepted import RailwayEnvironmentAccepted
from .railway_environment_create import RailwayEnvironmentCreate
from .railway_environment_view import RailwayEnvironmentView
from .railway_environments_view import RailwayEnvironmentsView
from .railway_hook_create import RailwayHookCreate
from .railway_link import RailwayLink
from .railway_place_view import RailwayPlaceView
from .railway_plan import RailwayPlan
from .railway_plan_path import RailwayPlanPath
from .railway_project_view import RailwayProjectView
from .railway_projects_view import RailwayProjectsView
from .railway_region_view import RailwayRegionView
from .railway_regions_view import RailwayRegionsView
from .railway_service_adopt import RailwayServiceAdopt
from .railway_service_adopt_labels import RailwayServiceAdoptLabels
from .railway_service_view import RailwayServiceView
from .railway_services_view import RailwayServicesView
from .reading_view import ReadingView
from .reference_view import ReferenceView
from .rehearsal_report import RehearsalReport
from .relation_name import RelationName
from .relation_view import RelationView
from .resize import Resize
from .restore_accepted import RestoreAccepted
from .restore_create import RestoreCreate
from .restore_create_role_map import RestoreCreateRoleMap
from .restore_options import RestoreOptions
from .restore_options_role_map import RestoreOptionsRoleMap
from .restore_plan_view import RestorePlanView
from .restore_report import RestoreReport
from .restore_state import RestoreState
from .restore_summary import RestoreSummary
from .restore_summary_role_map import RestoreSummaryRoleMap
from .restore_view import RestoreView
from .restore_view_role_map import RestoreViewRoleMap
from .retention_rule import RetentionRule
from .role_view import RoleView
from .role_view_fate import RoleViewFate
from .schedule_rule import ScheduleRule
from .schema_check_view import SchemaCheckView
from .scope import Scope
from .selection_view import SelectionView
from .sequence_value import SequenceValue
from .series_view import SeriesView
from .server_side_encryption import ServerSideEncryption
from .service_rename import ServiceRename
from .service_seen import ServiceSeen
from .setting import Setting
from .severity import Severity
from .snapshot import Snapshot
from .snapshot_accepted import SnapshotAccepted
from .snapshot_create import SnapshotCreate
from .snapshot_deletion_accepted import SnapshotDeletionAccepted
from .snapshot_origin import SnapshotOrigin
from .snapshot_restore import SnapshotRestore
from .snapshot_restore_accepted import SnapshotRestoreAccepted
from .snapshot_restore_plan import SnapshotRestorePlan
from .snapshot_schedule_entry import SnapshotScheduleEntry
from .snapshot_schedule_put import SnapshotSchedulePut
from .snapshot_schedule_view import SnapshotScheduleView
from .snapshot_view import SnapshotView
from .snapshot_volume_view import SnapshotVolumeView
from .snapshots_view import SnapshotsView
from .source_kind import SourceKind
from .staged_changes_view import StagedChangesView
from .staged_key_view import StagedKeyView
from .staged_status import StagedStatus
from .step_progress import StepProgress
from .stored_object import StoredObject
from .table_name import TableName
from .table_rows import TableRows
from .target_kind import TargetKind
from .tls_mode import TlsMode
from .token_kind import TokenKind
from .tool_versions import ToolVersions
from .upload_view import UploadView
from .uploaded_part import UploadedPart
from .variables_change import VariablesChange
from .variables_change_set import VariablesChangeSet
from .variables_source import VariablesSource
from .variables_view import VariablesView
from .variables_view_variables import VariablesViewVariables
from .verification import Verification
from .verification_accepted import VerificationAccepted
from .verification_create import VerificationCreate
from .verification_level import VerificationLevel
from .verification_report import VerificationReport
from .verification_state import VerificationState
from .verification_summary import VerificationSummary
from .verification_view import VerificationView
from .verify_rule import VerifyRule
from .verify_wish import VerifyWish
from .volume_seen import VolumeSeen
from .volume_view import VolumeView
from .whoami import Whoami
from .workspace_view import WorkspaceView

__all__ = (
    "Addressing",
    "AlertState",
    "AlertStateFilter",
    "AlertType",
    "AlertView",
    "AlertViewData",
    "Allowed",
    "ApiKeyCreate",
    "ApiKeyCreated",
    "ApiKeyView",
    "ArchiveCompression",
    "AuditEventView",
    "AuditEventViewDetails",
    "BackupAccepted",
    "BackupCreate",
    "BackupCreateLabels",
    "BackupPolicyPreview",
    "BackupPolicyPut",
    "BackupPolicyRelease",
    "BackupPolicyView",
    "BackupsAccepted",
    "BackupState",
    "BackupUpdate",
    "BackupUpdateLabels",
    "BackupView",
    "BackupViewLabels",
    "CapabilityView",
    "CatchUp",
    "ChangeAccepted",
    "ChangePlan",
    "ClusterMemberSeen",
    "ClusterMemberView",
    "ClusterSeen",
    "ClusterView",
    "ComparedConstraints",
    "ComparedContents",
    "ComparedExtension",
    "ComparedNumber",
    "ComparedTable",
    "Compression",
    "ConnectionCreate",
    "ConnectionState",
    "ConnectionUpdate",
    "ConnectionView",
    "ConnectionViewCapabilities",
    "Constraints",
    "ConsumerAccepted",
    "ConsumerPlan",
    "ConsumersView",
    "ConsumerView",
    "ConsumerWish",
    "CopyCheck",
    "CopyCreate",
    "CopyFate",
    "CopyList",
    "CopyResult",
    "CopyState",
    "CopyView",
    "CostEstimate",
    "CostEstimateView",
    "CostLine",
    "CountView",
    "CoverageBackup",
    "CoverageView",
    "DatabaseAccepted",
    "DatabaseCopyAccepted",
    "DatabaseCopyCreate",
    "DatabaseFacts",
    "DatabaseState",
    "DatabaseUpdate",
    "DatabaseUpdateLabelsType0",
    "DatabaseView",
    "DatabaseViewLabels",
    "DeletionPlan",
    "DeploymentLogsView",
    "DeploymentSeen",
    "DeploymentView",
    "DiscardedView",
    "DownloadCreate",
    "DownloadView",
    "DriftView",
    "DumpOptions",
    "Encryption",
    "Endpoint",
    "EnvironmentCreate",
    "EnvironmentKind",
    "EnvironmentUpdate",
    "EnvironmentView",
    "EscrowPut",
    "EscrowRecipient",
    "EscrowView",
    "EventView",
    "EventViewData",
    "ExportAccepted",
    "ExportCreate",
    "ExportDownloadCreate",
    "ExportDownloadView",
    "ExportOptions",
    "ExportState",
    "ExportView",
    "Extension",
    "ExtensionView",
    "ExternalDatabaseAdopt",
    "ExternalDatabaseAdoptLabels",
    "Fingerprints",
    "Format",
    "FromObject",
    "FromUpload",
    "FromUrl",
    "GitHubHookCreate",
    "GitLabHookCreate",
    "HookAction",
    "HookDeliveryView",
    "HookKind",
    "HookSecretView",
    "HookUpdate",
    "HookView",
    "ImportAccepted",
    "ImportComplete",
    "ImportCreate",
    "ImportCreateLabels",
    "ImportRestore",
    "ImportState",
    "ImportView",
    "ImportViewLabels",
    "InPlace",
    "IntentOutcome",
    "IntentView",
    "IntentViewMade",
    "IntentViewPlan",
    "IntoLogicalDatabase",
    "IntoNewDatabase",
    "IntoRows",
    "IntoTables",
    "JobEventView",
    "JobEventViewDetail",
    "JobState",
    "JobView",
    "JobViewLinks",
    "JobViewResultType0",
    "Kind",
    "LargeObjectsView",
    "LeftOutView",
    "LimitsChange",
    "LocalDatabaseCreate",
    "LocalDatabaseCreateLabels",
    "LocationCreate",
    "LocationFate",
    "LocationState",
    "LocationUpdate",
    "LocationView",
    "LocationViewCapabilities",
    "LockMode",
    "LockWish",
    "LogicalDatabasesView",
    "LogicalDatabaseView",
    "LogLineView",
    "Manifest",
    "ManifestArchive",
    "ManifestLabels",
    "MeasuredValue",
    "Method",
    "Network",
    "NextRuns",
    "NotCovered",
    "ObjectKind",
    "ObjectView",
    "OnConflict",
    "OnRows",
    "Origin",
    "Outcome",
    "OwnerChoice",
    "OwnerMode",
    "OwnerStatements",
    "PageAlertView",
    "PageApiKeyView",
    "PageAuditEventView",
    "PageBackupView",
    "PageConnectionView",
    "PageCoverageView",
    "PageDatabaseView",
    "PageDeploymentView",
    "PageEnvironmentView",
    "PageEventView",
    "PageExportView",
    "PageHookDeliveryView",
    "PageHookView",
    "PageImportView",
    "PageIntentView",
    "PageJobView",
    "PageLocationView",
    "PageProjectView",
    "PageRestoreSummary",
    "PageVerificationSummary",
    "Parts",
    "PartToUpload",
    "Pin",
    "PinView",
    "PlannedTable",
    "PlatformMetricsView",
    "PlatformStatusView",
    "PlatformStatusViewMetrics",
    "PointView",
    "PolicyPreviewView",
    "PolicyReleaseAccepted",
    "PolicyScheduleView",
    "PolicyState",
    "Priced",
    "ProbeView",
    "ProbeViewSeconds",
    "Problem",
    "ProblemItem",
    "Progress",
    "ProjectCreate",
    "ProjectUpdate",
    "ProjectView",
    "ProviderName",
    "PublicAccess",
    "RailwayDatabaseCreate",
    "RailwayDatabaseCreateLabels",
    "RailwayEnvironmentAccepted",
    "RailwayEnvironmentCreate",
    "RailwayEnvironmentsView",
    "RailwayEnvironmentView",
    "RailwayHookCreate",
    "RailwayLink",
    "RailwayPlaceView",
    "RailwayPlan",
    "RailwayPlanPath",
    "RailwayProjectsView",
    "RailwayProjectView",
    "RailwayRegionsView",
    "RailwayRegionView",
    "RailwayServiceAdopt",
    "RailwayServiceAdoptLabels",
    "RailwayServicesView",
    "RailwayServiceView",
    "ReadingView",
    "ReferenceView",
    "RehearsalReport",
    "RelationName",
    "RelationView",
    "Resize",
    "RestoreAccepted",
    "RestoreCreate",
    "RestoreCreateRoleMap",
    "RestoreOptions",
    "RestoreOptionsRoleMap",
    "RestorePlanView",
    "RestoreReport",
    "RestoreState",
    "RestoreSummary",
    "RestoreSummaryRoleMap",
    "RestoreView",
    "RestoreViewRoleMap",
    "RetentionRule",
    "RoleView",
    "RoleViewFate",
    "ScheduleRule",
    "SchemaCheckView",
    "Scope",
    "SelectionView",
    "SequenceValue",
    "SeriesView",
    "ServerSideEncryption",
    "ServiceRename",
    "ServiceSeen",
    "Setting",
    "Severity",
    "Snapshot",
    "SnapshotAccepted",
    "SnapshotCreate",
    "SnapshotDeletionAccepted",
    "SnapshotOrigin",
    "SnapshotRestore",
    "SnapshotRestoreAccepted",
    "SnapshotRestorePlan",
    "SnapshotScheduleEntry",
    "SnapshotSchedulePut",
    "SnapshotScheduleView",
    "SnapshotsView",
    "SnapshotView",
    "SnapshotVolumeView",
    "SourceKind",
    "StagedChangesView",
    "StagedKeyView",
    "StagedStatus",
    "StepProgress",
    "StoredObject",
    "TableName",
    "TableRows",
    "TargetKind",
    "TlsMode",
    "TokenKind",
    "ToolVersions",
    "UploadedPart",
    "UploadView",
    "VariablesChange",
    "VariablesChangeSet",
    "VariablesSource",
    "VariablesView",
    "VariablesViewVariables",
    "Verification",
    "VerificationAccepted",
    "VerificationCreate",
    "VerificationLevel",
    "VerificationReport",
    "VerificationState",
    "VerificationSummary",
    "VerificationView",
    "VerifyRule",
    "VerifyWish",
    "VolumeSeen",
    "VolumeView",
    "Whoami",
    "WorkspaceView",
)
