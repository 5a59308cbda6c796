"""Contains all the data models used in inputs/outputs"""

from .address_view import AddressView
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
from .application_deletion_accepted import ApplicationDeletionAccepted
from .application_deletion_plan import ApplicationDeletionPlan
from .application_login_view import ApplicationLoginView
from .application_view import ApplicationView
from .archive_compression import ArchiveCompression
from .audit_event_view import AuditEventView
from .audit_event_view_details import AuditEventViewDetails
from .available_extension_view import AvailableExtensionView
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
from .budget_assessment import BudgetAssessment
from .budget_change import BudgetChange
from .budget_check import BudgetCheck
from .budget_put import BudgetPut
from .budget_server import BudgetServer
from .budget_sessions import BudgetSessions
from .budget_verdict import BudgetVerdict
from .budget_view import BudgetView
from .capability_view import CapabilityView
from .catch_up import CatchUp
from .certificate_details import CertificateDetails
from .certificate_pin import CertificatePin
from .certificate_state import CertificateState
from .certificate_view import CertificateView
from .change_accepted import ChangeAccepted
from .change_plan import ChangePlan
from .change_state import ChangeState
from .change_undo import ChangeUndo
from .client import Client
from .client_pool import ClientPool
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
from .connection_strings_view import ConnectionStringsView
from .connection_strings_view_environment_type_0 import (
    ConnectionStringsViewEnvironmentType0,
)
from .connection_strings_view_files import ConnectionStringsViewFiles
from .connection_strings_wish import ConnectionStringsWish
from .connection_test_view import ConnectionTestView
from .connection_test_wish import ConnectionTestWish
from .connection_update import ConnectionUpdate
from .connection_view import ConnectionView
from .connection_view_capabilities import ConnectionViewCapabilities
from .connections_view import ConnectionsView
from .constraints import Constraints
from .consumer_accepted import ConsumerAccepted
from .consumer_move import ConsumerMove
from .consumer_plan import ConsumerPlan
from .consumer_view import ConsumerView
from .consumer_wish import ConsumerWish
from .consumers_move import ConsumersMove
from .consumers_view import ConsumersView
from .context import Context
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
from .credential_wish import CredentialWish
from .credential_wish_preset import CredentialWishPreset
from .database_accepted import DatabaseAccepted
from .database_copy_accepted import DatabaseCopyAccepted
from .database_copy_create import DatabaseCopyCreate
from .database_facts import DatabaseFacts
from .database_role_view import DatabaseRoleView
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
from .drift import Drift
from .drift_view import DriftView
from .dump_options import DumpOptions
from .encryption import Encryption
from .endpoint_kind import EndpointKind
from .endpoint_view import EndpointView
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
from .extension_put import ExtensionPut
from .extension_removed import ExtensionRemoved
from .extension_view import ExtensionView
from .external_database_adopt import ExternalDatabaseAdopt
from .external_database_adopt_labels import ExternalDatabaseAdoptLabels
from .fingerprints import Fingerprints
from .format_ import Format
from .from_object import FromObject
from .from_upload import FromUpload
from .from_url import FromUrl
from .future_privileges_view import FuturePrivilegesView
from .git_hub_hook_create import GitHubHookCreate
from .git_lab_hook_create import GitLabHookCreate
from .harden_accepted import HardenAccepted
from .harden_plan import HardenPlan
from .harden_wish import HardenWish
from .hba_change import HbaChange
from .holdings_view import HoldingsView
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
from .layer import Layer
from .layer_status import LayerStatus
from .layer_view import LayerView
from .layer_view_facts import LayerViewFacts
from .left_out_view import LeftOutView
from .limits_change import LimitsChange
from .local_database_create import LocalDatabaseCreate
from .local_database_create_labels import LocalDatabaseCreateLabels
from .location_create import LocationCreate
from .location_fate import LocationFate
from .location_forget import LocationForget
from .location_forgotten import LocationForgotten
from .location_state import LocationState
from .location_update import LocationUpdate
from .location_view import LocationView
from .location_view_capabilities import LocationViewCapabilities
from .lock_mode import LockMode
from .lock_wish import LockWish
from .log_line_view import LogLineView
from .logical_database_put import LogicalDatabasePut
from .logical_database_view import LogicalDatabaseView
from .logical_databases_view import LogicalDatabasesView
from .login_kind import LoginKind
from .login_state import LoginState
from .login_timeouts import LoginTimeouts
from .manifest import Manifest
from .manifest_archive import ManifestArchive
from .manifest_labels import ManifestLabels
from .measured_value import MeasuredValue
from .method import Method
from .mode import Mode
from .network import Network
from .network_accepted import NetworkAccepted
from .network_patch import NetworkPatch
from .network_plan import NetworkPlan
from .network_view import NetworkView
from .next_runs import NextRuns
from .not_covered import NotCovered
from .object_count import ObjectCount
from .object_kind import ObjectKind
from .object_privileges_view import ObjectPrivilegesView
from .object_view import ObjectView
from .on_conflict import OnConflict
from .on_rows import OnRows
from .origin import Origin
from .outcome import Outcome
from .override_view import OverrideView
from .owner_choice import OwnerChoice
from .owner_mode import OwnerMode
from .owner_statements import OwnerStatements
from .page_alert_view import PageAlertView
from .page_api_key_view import PageApiKeyView
from .page_application_view import PageApplicationView
from .page_audit_event_view import PageAuditEventView
from .page_available_extension_view import PageAvailableExtensionView
from .page_backup_view import PageBackupView
from .page_connection_view import PageConnectionView
from .page_coverage_view import PageCoverageView
from .page_database_role_view import PageDatabaseRoleView
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
from .page_pool_view import PagePoolView
from .page_project_view import PageProjectView
from .page_restore_summary import PageRestoreSummary
from .page_setting_change_view import PageSettingChangeView
from .page_setting_view import PageSettingView
from .page_temporary_credential_view import PageTemporaryCredentialView
from .page_verification_summary import PageVerificationSummary
from .part_to_upload import PartToUpload
from .parts import Parts
from .password_kind import PasswordKind
from .pause_wish import PauseWish
from .pin import Pin
from .pin_view import PinView
from .pinned_by import PinnedBy
from .plain_session_view import PlainSessionView
from .planned_table import PlannedTable
from .platform_metrics_view import PlatformMetricsView
from .platform_status_view import PlatformStatusView
from .platform_status_view_metrics import PlatformStatusViewMetrics
from .point_kind import PointKind
from .point_view import PointView
from .policy_preview_view import PolicyPreviewView
from .policy_release_accepted import PolicyReleaseAccepted
from .policy_schedule_view import PolicyScheduleView
from .policy_state import PolicyState
from .pool_accepted import PoolAccepted
from .pool_advice import PoolAdvice
from .pool_endpoint import PoolEndpoint
from .pool_holder import PoolHolder
from .pool_mode import PoolMode
from .pool_now import PoolNow
from .pool_patch import PoolPatch
from .pool_put import PoolPut
from .pool_totals import PoolTotals
from .pool_view import PoolView
from .pool_wish import PoolWish
from .pooler_accepted import PoolerAccepted
from .pooler_commanded import PoolerCommanded
from .pooler_options import PoolerOptions
from .pooler_plan import PoolerPlan
from .pooler_shape import PoolerShape
from .pooler_state import PoolerState
from .pooler_statistics import PoolerStatistics
from .pooler_statistics_lists import PoolerStatisticsLists
from .pooler_view import PoolerView
from .priced import Priced
from .privilege_counts import PrivilegeCounts
from .privilege_counts_having import PrivilegeCountsHaving
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
from .public_reader import PublicReader
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
from .reach import Reach
from .reachable import Reachable
from .reading_view import ReadingView
from .redeploy_wish import RedeployWish
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
from .role_changed import RoleChanged
from .role_membership_view import RoleMembershipView
from .role_point_view import RolePointView
from .role_preset import RolePreset
from .role_privileges_view import RolePrivilegesView
from .role_replace import RoleReplace
from .role_replace_settings import RoleReplaceSettings
from .role_setting_view import RoleSettingView
from .role_state import RoleState
from .role_statement import RoleStatement
from .role_timeouts import RoleTimeouts
from .role_view import RoleView
from .role_view_fate import RoleViewFate
from .role_wish_view import RoleWishView
from .role_wish_view_settings import RoleWishViewSettings
from .rotation_accepted import RotationAccepted
from .rotation_plan import RotationPlan
from .rotation_schedule_put import RotationSchedulePut
from .rotation_schedule_view import RotationScheduleView
from .rotation_wish import RotationWish
from .schedule_rule import ScheduleRule
from .schema_check_view import SchemaCheckView
from .schema_privileges_view import SchemaPrivilegesView
from .scope import Scope
from .selection_view import SelectionView
from .sequence_value import SequenceValue
from .series_view import SeriesView
from .server_side_encryption import ServerSideEncryption
from .service_rename import ServiceRename
from .service_seen import ServiceSeen
from .session_timeouts import SessionTimeouts
from .setting import Setting
from .setting_change_view import SettingChangeView
from .setting_change_view_after import SettingChangeViewAfter
from .setting_change_view_before import SettingChangeViewBefore
from .setting_scope_wish import SettingScopeWish
from .setting_view import SettingView
from .settings_changed import SettingsChanged
from .settings_patch import SettingsPatch
from .settings_patch_values import SettingsPatchValues
from .severity import Severity
from .sizing_advice import SizingAdvice
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
from .source import Source
from .source_kind import SourceKind
from .staged_changes_view import StagedChangesView
from .staged_key_view import StagedKeyView
from .staged_status import StagedStatus
from .step_progress import StepProgress
from .stored_object import StoredObject
from .strategy import Strategy
from .table_name import TableName
from .table_rows import TableRows
from .target_kind import TargetKind
from .temporary_credential_create import TemporaryCredentialCreate
from .temporary_credential_create_preset import TemporaryCredentialCreatePreset
from .temporary_credential_created import TemporaryCredentialCreated
from .temporary_credential_view import TemporaryCredentialView
from .timeouts_put import TimeoutsPut
from .timeouts_view import TimeoutsView
from .tls_enforcement import TlsEnforcement
from .tls_enforcement_view import TlsEnforcementView
from .tls_enforcement_wish import TlsEnforcementWish
from .tls_facts import TlsFacts
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
from .window_view import WindowView
from .workspace_view import WorkspaceView

__all__ = (
    "Addressing",
    "AddressView",
    "AlertState",
    "AlertStateFilter",
    "AlertType",
    "AlertView",
    "AlertViewData",
    "Allowed",
    "ApiKeyCreate",
    "ApiKeyCreated",
    "ApiKeyView",
    "ApplicationDeletionAccepted",
    "ApplicationDeletionPlan",
    "ApplicationLoginView",
    "ApplicationView",
    "ArchiveCompression",
    "AuditEventView",
    "AuditEventViewDetails",
    "AvailableExtensionView",
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
    "BudgetAssessment",
    "BudgetChange",
    "BudgetCheck",
    "BudgetPut",
    "BudgetServer",
    "BudgetSessions",
    "BudgetVerdict",
    "BudgetView",
    "CapabilityView",
    "CatchUp",
    "CertificateDetails",
    "CertificatePin",
    "CertificateState",
    "CertificateView",
    "ChangeAccepted",
    "ChangePlan",
    "ChangeState",
    "ChangeUndo",
    "Client",
    "ClientPool",
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
    "ConnectionStringsView",
    "ConnectionStringsViewEnvironmentType0",
    "ConnectionStringsViewFiles",
    "ConnectionStringsWish",
    "ConnectionsView",
    "ConnectionTestView",
    "ConnectionTestWish",
    "ConnectionUpdate",
    "ConnectionView",
    "ConnectionViewCapabilities",
    "Constraints",
    "ConsumerAccepted",
    "ConsumerMove",
    "ConsumerPlan",
    "ConsumersMove",
    "ConsumersView",
    "ConsumerView",
    "ConsumerWish",
    "Context",
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
    "CredentialWish",
    "CredentialWishPreset",
    "DatabaseAccepted",
    "DatabaseCopyAccepted",
    "DatabaseCopyCreate",
    "DatabaseFacts",
    "DatabaseRoleView",
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
    "Drift",
    "DriftView",
    "DumpOptions",
    "Encryption",
    "EndpointKind",
    "EndpointView",
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
    "ExtensionPut",
    "ExtensionRemoved",
    "ExtensionView",
    "ExternalDatabaseAdopt",
    "ExternalDatabaseAdoptLabels",
    "Fingerprints",
    "Format",
    "FromObject",
    "FromUpload",
    "FromUrl",
    "FuturePrivilegesView",
    "GitHubHookCreate",
    "GitLabHookCreate",
    "HardenAccepted",
    "HardenPlan",
    "HardenWish",
    "HbaChange",
    "HoldingsView",
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
    "Layer",
    "LayerStatus",
    "LayerView",
    "LayerViewFacts",
    "LeftOutView",
    "LimitsChange",
    "LocalDatabaseCreate",
    "LocalDatabaseCreateLabels",
    "LocationCreate",
    "LocationFate",
    "LocationForget",
    "LocationForgotten",
    "LocationState",
    "LocationUpdate",
    "LocationView",
    "LocationViewCapabilities",
    "LockMode",
    "LockWish",
    "LogicalDatabasePut",
    "LogicalDatabasesView",
    "LogicalDatabaseView",
    "LoginKind",
    "LoginState",
    "LoginTimeouts",
    "LogLineView",
    "Manifest",
    "ManifestArchive",
    "ManifestLabels",
    "MeasuredValue",
    "Method",
    "Mode",
    "Network",
    "NetworkAccepted",
    "NetworkPatch",
    "NetworkPlan",
    "NetworkView",
    "NextRuns",
    "NotCovered",
    "ObjectCount",
    "ObjectKind",
    "ObjectPrivilegesView",
    "ObjectView",
    "OnConflict",
    "OnRows",
    "Origin",
    "Outcome",
    "OverrideView",
    "OwnerChoice",
    "OwnerMode",
    "OwnerStatements",
    "PageAlertView",
    "PageApiKeyView",
    "PageApplicationView",
    "PageAuditEventView",
    "PageAvailableExtensionView",
    "PageBackupView",
    "PageConnectionView",
    "PageCoverageView",
    "PageDatabaseRoleView",
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
    "PagePoolView",
    "PageProjectView",
    "PageRestoreSummary",
    "PageSettingChangeView",
    "PageSettingView",
    "PageTemporaryCredentialView",
    "PageVerificationSummary",
    "Parts",
    "PartToUpload",
    "PasswordKind",
    "PauseWish",
    "Pin",
    "PinnedBy",
    "PinView",
    "PlainSessionView",
    "PlannedTable",
    "PlatformMetricsView",
    "PlatformStatusView",
    "PlatformStatusViewMetrics",
    "PointKind",
    "PointView",
    "PolicyPreviewView",
    "PolicyReleaseAccepted",
    "PolicyScheduleView",
    "PolicyState",
    "PoolAccepted",
    "PoolAdvice",
    "PoolEndpoint",
    "PoolerAccepted",
    "PoolerCommanded",
    "PoolerOptions",
    "PoolerPlan",
    "PoolerShape",
    "PoolerState",
    "PoolerStatistics",
    "PoolerStatisticsLists",
    "PoolerView",
    "PoolHolder",
    "PoolMode",
    "PoolNow",
    "PoolPatch",
    "PoolPut",
    "PoolTotals",
    "PoolView",
    "PoolWish",
    "Priced",
    "PrivilegeCounts",
    "PrivilegeCountsHaving",
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
    "PublicReader",
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
    "Reach",
    "Reachable",
    "ReadingView",
    "RedeployWish",
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
    "RoleChanged",
    "RoleMembershipView",
    "RolePointView",
    "RolePreset",
    "RolePrivilegesView",
    "RoleReplace",
    "RoleReplaceSettings",
    "RoleSettingView",
    "RoleState",
    "RoleStatement",
    "RoleTimeouts",
    "RoleView",
    "RoleViewFate",
    "RoleWishView",
    "RoleWishViewSettings",
    "RotationAccepted",
    "RotationPlan",
    "RotationSchedulePut",
    "RotationScheduleView",
    "RotationWish",
    "ScheduleRule",
    "SchemaCheckView",
    "SchemaPrivilegesView",
    "Scope",
    "SelectionView",
    "SequenceValue",
    "SeriesView",
    "ServerSideEncryption",
    "ServiceRename",
    "ServiceSeen",
    "SessionTimeouts",
    "Setting",
    "SettingChangeView",
    "SettingChangeViewAfter",
    "SettingChangeViewBefore",
    "SettingsChanged",
    "SettingScopeWish",
    "SettingsPatch",
    "SettingsPatchValues",
    "SettingView",
    "Severity",
    "SizingAdvice",
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
    "Source",
    "SourceKind",
    "StagedChangesView",
    "StagedKeyView",
    "StagedStatus",
    "StepProgress",
    "StoredObject",
    "Strategy",
    "TableName",
    "TableRows",
    "TargetKind",
    "TemporaryCredentialCreate",
    "TemporaryCredentialCreated",
    "TemporaryCredentialCreatePreset",
    "TemporaryCredentialView",
    "TimeoutsPut",
    "TimeoutsView",
    "TlsEnforcement",
    "TlsEnforcementView",
    "TlsEnforcementWish",
    "TlsFacts",
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
    "WindowView",
    "WorkspaceView",
)
