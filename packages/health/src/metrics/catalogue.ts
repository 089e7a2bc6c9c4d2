// Every figure that the monitor has, by name: type, unit and the sentence that explains it. Names follow the rules of
// Prometheus, which `promtool check metrics` checks in a test.
import type { MetricType, MetricUnit } from './metric.js';

/** What is known about a figure before it is read. */
export interface MetricDefinition {
  readonly type: MetricType;
  readonly unit: MetricUnit;
  readonly help: string;
}

const counter = (help: string, unit: MetricUnit = 'count'): MetricDefinition => ({ type: 'counter', unit, help });
const gauge = (help: string, unit: MetricUnit = 'count'): MetricDefinition => ({ type: 'gauge', unit, help });
const histogram = (help: string): MetricDefinition => ({ type: 'histogram', unit: 'seconds', help });
const summary = (help: string): MetricDefinition => ({ type: 'summary', unit: 'seconds', help });

/** The figures by name. */
export const catalogue = {
  cc_db_queries_total: counter('Statements that ended.'),
  cc_db_query_errors_total: counter('Statements that failed, by type of error.'),
  cc_db_query_rows_total: counter('Rows that statements returned.'),
  cc_db_slow_queries_total: counter('Statements that took slowQueryMs or longer.'),
  cc_db_busy_errors_total: counter("Attempts that met another one's lock, those that were tried again included."),
  cc_db_full_scan_steps_total: counter(
    'Steps from row to row in scans of whole tables, at least, as SQLite counts them.',
  ),
  cc_db_query_duration_seconds: histogram('Durations of statements, without the wait for a connection.'),
  cc_db_statements: gauge('Different statements that are told apart.'),
  cc_db_statement_overflow_calls_total: counter('Calls of statements beyond maxStatements, counted together.'),
  cc_db_statement_duration_seconds: summary('Durations of one statement.'),
  cc_db_statement_errors_total: counter('Failures of one statement.'),
  cc_db_statement_rows_total: counter('Rows that one statement returned.'),
  cc_db_recent_queries: gauge('Statements of the last one to two windows, which the status is judged by.'),
  cc_db_recent_query_error_ratio: gauge('Part of the recent statements that failed through the database.', 'ratio'),
  cc_db_recent_query_p95_seconds: gauge('95th percentile of the recent statements.', 'seconds'),
  cc_db_recent_busy_errors_per_minute: gauge("Attempts of the last minutes that met another one's lock, per minute."),
  cc_db_transactions_total: counter('Outermost transactions, by how they ended.'),
  cc_db_transaction_retries_total: counter('Transactions and waits that were tried again.'),
  cc_db_transaction_duration_seconds: histogram('Durations of outermost transactions.'),
  cc_db_transactions_open: gauge('Transactions between begin and end.'),
  cc_db_oldest_transaction_seconds: gauge(
    'Age of the oldest open transaction, of one that began before monitoring did since then; 0 when none is open.',
    'seconds',
  ),
  cc_db_hook_errors_total: counter('Hooks after a transaction that threw.'),
  cc_db_connections: gauge('Connections by state: open, idle, busy.'),
  cc_db_connection_waiters: gauge('Calls that wait for a connection, for reading or writing.'),
  cc_db_connection_wait_seconds: histogram('Waits for a connection.'),
  cc_db_connection_wait_p95_seconds: gauge('95th percentile of the recent waits for a connection.', 'seconds'),
  cc_db_connections_replaced_total: counter('Connections that were thrown away and opened anew.'),
  cc_db_size_bytes: gauge('Size of the database: its pages.', 'bytes'),
  cc_db_pages: gauge('Pages of the database.'),
  cc_db_free_pages: gauge('Pages that a VACUUM gives back.'),
  cc_db_free_page_ratio: gauge('Part of the pages that a VACUUM gives back.', 'ratio'),
  cc_db_wal_bytes: gauge('Size of the write-ahead log.', 'bytes'),
  cc_db_checkpoint_lag_frames: gauge('Frames of the log that are not in the database yet, at most.'),
  cc_db_replica_lag_seconds: gauge('Time since the replica has fetched what its server has.', 'seconds'),
  cc_db_replica_sync_errors_total: counter('Fetches of the replica that failed.'),
  cc_db_setting_findings: gauge('Settings that are wrong or dear, by severity: WARNING, NOTE.'),
  cc_db_shared_storage: gauge('1 where the database lies where other machines may write too, such as NFS, else 0.'),
  cc_db_storage_warnings_total: counter('Times that the transaction manager told of such a place while monitoring.'),
  cc_disk_free_bytes: gauge('Free space where the database lies.', 'bytes'),
  cc_disk_free_ratio: gauge('Free part of the disk where the database lies.', 'ratio'),
  cc_process_cpu_seconds_total: counter('Processor time of this process.', 'seconds'),
  cc_process_cpu_ratio: gauge('Processors that this process kept busy since the last reading.', 'ratio'),
  cc_process_resident_bytes: gauge('Memory of this process.', 'bytes'),
  cc_process_memory_ratio: gauge('Part of the memory that this process may have.', 'ratio'),
  cc_process_heap_bytes: gauge('JavaScript heap in use.', 'bytes'),
  cc_process_open_files: gauge('Open files of this process.'),
  cc_process_uptime_seconds: gauge('Time since this process started.', 'seconds'),
  cc_process_event_loop_delay_p99_seconds: gauge('99th percentile of the delay of the event loop.', 'seconds'),
  cc_process_event_loop_delay_max_seconds: gauge('Longest delay of the event loop in the last readings.', 'seconds'),
  cc_cache_hits_total: counter('Lookups that the application cache answered, by region.'),
  cc_cache_misses_total: counter('Lookups that the application cache did not answer, by region.'),
  cc_cache_entries: gauge('Entries of the application cache, by region.'),
  cc_cache_bytes: gauge('Memory of the application cache, by region.', 'bytes'),
  cc_cache_evictions_total: counter('Entries of the application cache that made room for others, by region.'),
  cc_cache_bypassed_total: counter('Lookups that the application cache stood aside for, by region.'),
  cc_cache_voided_fills_total: counter('Loads that came too late for the application cache, by region.'),
  cc_cache_flushes_total: counter('Changes of the database that emptied the application cache.'),
  cc_cache_stepped_aside_total: counter(
    'Times that the application cache stood aside, because others write too often.',
  ),
  cc_cache_tier_hits_total: counter('Lookups that a tier behind the memory of the cache answered.'),
  cc_cache_tier_misses_total: counter('Lookups that a tier behind the memory of the cache did not answer.'),
  cc_cache_tier_errors_total: counter('Calls of a tier behind the memory of the cache that failed.'),
  cc_cache_tier_bytes: gauge('What a tier behind the memory of the cache takes.', 'bytes'),
  cc_cache_hit_ratio: gauge('Part of the lookups that the application cache answered.', 'ratio'),
  cc_operation_duration_seconds: summary('Durations of what measure() ran, by name.'),
  cc_health_status: gauge('0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.'),
  cc_health_alerts: gauge('Alerts that are pending or firing, by rule and severity.'),
  cc_health_reading_seconds: gauge('How long the last reading of all figures took.', 'seconds'),
  cc_health_history_errors_total: counter('Readings that could not be written to the history.'),
  cc_health_notification_errors_total: counter('Notifications of alerts that failed, timed out or were dropped.'),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** The name of a figure. */
export type MetricName = keyof typeof catalogue;
