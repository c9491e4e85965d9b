-- Whole numbers as keys; annotations of scores that belong to a track.
CREATE TABLE venues (id INTEGER PRIMARY KEY, remote_id TEXT, name TEXT NOT NULL, description TEXT, version INTEGER DEFAULT 1, synced_at TEXT);
CREATE TABLE fixtures (id TEXT PRIMARY KEY, venue_id INTEGER, universe INTEGER DEFAULT 1, address INTEGER, num_channels INTEGER, manufacturer TEXT, model TEXT, mode_name TEXT, fixture_path TEXT, label TEXT, pos_x REAL DEFAULT 0, pos_y REAL DEFAULT 0, pos_z REAL DEFAULT 0, rot_x REAL DEFAULT 0, rot_y REAL DEFAULT 0, rot_z REAL DEFAULT 0);
CREATE TABLE fixture_groups (id INTEGER PRIMARY KEY, venue_id INTEGER, name TEXT, tags TEXT DEFAULT '[]', movement_config TEXT, display_order INTEGER DEFAULT 0);
CREATE TABLE fixture_group_members (fixture_id TEXT, group_id INTEGER, display_order INTEGER DEFAULT 0, PRIMARY KEY (fixture_id, group_id));
CREATE TABLE pattern_categories (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE patterns (id INTEGER PRIMARY KEY, name TEXT, description TEXT, category_id INTEGER, default_implementation_id INTEGER);
CREATE TABLE implementations (id INTEGER PRIMARY KEY, pattern_id INTEGER, name TEXT, graph_json TEXT DEFAULT '{"nodes":[],"edges":[]}');
CREATE TABLE venue_implementation_overrides (venue_id INTEGER, pattern_id INTEGER, implementation_id INTEGER, PRIMARY KEY (venue_id, pattern_id));
CREATE TABLE tracks (id INTEGER PRIMARY KEY, track_hash TEXT, title TEXT, artist TEXT, album TEXT, duration_seconds REAL, file_path TEXT, album_art_path TEXT);
CREATE TABLE track_beats (track_id INTEGER PRIMARY KEY, beats_json TEXT, downbeats_json TEXT, bpm REAL, downbeat_offset REAL, beats_per_bar INTEGER);
CREATE TABLE track_roots (track_id INTEGER PRIMARY KEY, sections_json TEXT, logits_path TEXT);
CREATE TABLE track_waveforms (track_id INTEGER PRIMARY KEY, preview_samples_json TEXT, sample_rate INTEGER);
CREATE TABLE track_stems (track_id INTEGER, stem_name TEXT, file_path TEXT, PRIMARY KEY (track_id, stem_name));
CREATE TABLE scores (id INTEGER PRIMARY KEY, track_id INTEGER, name TEXT);
CREATE TABLE score_annotations (id INTEGER PRIMARY KEY, score_id INTEGER, pattern_id INTEGER, start_time REAL, end_time REAL, z_index INTEGER DEFAULT 0, blend_mode TEXT DEFAULT 'replace', args_json TEXT DEFAULT '{}');
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT);
