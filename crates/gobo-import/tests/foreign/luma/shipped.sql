-- UUIDs as keys; scores for a track in a venue; members of groups that may be heads.
CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT);
CREATE TABLE venues (id TEXT PRIMARY KEY, uid TEXT, name TEXT NOT NULL, description TEXT, share_code TEXT, role TEXT DEFAULT 'owner');
CREATE TABLE fixtures (id TEXT PRIMARY KEY, uid TEXT, venue_id TEXT, universe INTEGER DEFAULT 1, address INTEGER, num_channels INTEGER, manufacturer TEXT, model TEXT, mode_name TEXT, fixture_path TEXT, label TEXT, pos_x REAL DEFAULT 0, pos_y REAL DEFAULT 0, pos_z REAL DEFAULT 0, rot_x REAL DEFAULT 0, rot_y REAL DEFAULT 0, rot_z REAL DEFAULT 0);
CREATE TABLE fixture_groups (id TEXT PRIMARY KEY, venue_id TEXT, name TEXT, axis_lr REAL, axis_fb REAL, axis_ab REAL, movement_config TEXT, display_order INTEGER DEFAULT 0);
CREATE TABLE fixture_group_members (id TEXT PRIMARY KEY, fixture_id TEXT, group_id TEXT, head_index INTEGER DEFAULT -1, display_order INTEGER DEFAULT 0);
CREATE TABLE patterns (id TEXT PRIMARY KEY, name TEXT, description TEXT, category_name TEXT, author_name TEXT);
CREATE TABLE implementations (id TEXT PRIMARY KEY, pattern_id TEXT, name TEXT, graph_json TEXT);
CREATE TABLE venue_implementation_overrides (venue_id TEXT, pattern_id TEXT, implementation_id TEXT, PRIMARY KEY (venue_id, pattern_id));
CREATE TABLE tracks (id TEXT PRIMARY KEY, track_hash TEXT, title TEXT, artist TEXT, duration_seconds REAL, file_path TEXT, source_type TEXT);
CREATE TABLE track_beats (track_id TEXT PRIMARY KEY, beats_json TEXT, downbeats_json TEXT, bpm REAL, downbeat_offset REAL, beats_per_bar INTEGER);
CREATE TABLE track_roots (track_id TEXT PRIMARY KEY, sections_json TEXT);
CREATE TABLE track_waveforms (track_id TEXT PRIMARY KEY, preview_samples_blob BLOB NOT NULL, sample_rate INTEGER);
CREATE TABLE scores (id TEXT PRIMARY KEY, uid TEXT, track_id TEXT, venue_id TEXT, name TEXT);
CREATE TABLE track_scores (id TEXT PRIMARY KEY, score_id TEXT, pattern_id TEXT, start_time REAL, end_time REAL, z_index INTEGER DEFAULT 0, blend_mode TEXT DEFAULT 'replace', args_json TEXT DEFAULT '{}');
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT);
