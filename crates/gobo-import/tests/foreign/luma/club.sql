-- Two venues with five fixtures, four patterns, a track, two scores. The keys are numbers here; a
-- schema with text takes them as text.
INSERT INTO venues (id, name, description) VALUES (1, 'The Club', 'Low ceiling'), (2, 'Barn', NULL);
INSERT INTO fixtures (id, venue_id, universe, address, num_channels, manufacturer, model, mode_name, fixture_path, label, pos_x, pos_y, pos_z, rot_x) VALUES
  ('f-l', 1, 1, 1, 4, 'Acme', 'Par', '4 channels', 'Acme/Acme-Par.qxf', 'Par left', -2.0, 0.5, 3.0, 0.0),
  ('f-r', 1, 1, 5, 4, 'Acme', 'Par', '4 channels', 'Acme/Acme-Par.qxf', 'Par right', 2.0, 0.5, 3.0, 3.14159265358979),
  ('f-m', 1, 2, 1, 2, 'Unheard', 'Of', 'Standard', 'Unheard/Of.qxf', NULL, 0.0, 2.0, 3.5, 0.0),
  ('b-1', 2, 1, 1, 4, 'Acme', 'Par', '4 channels', 'Acme/Acme-Par.qxf', 'Par', 0.0, 0.0, 2.0, 0.0),
  ('b-2', 2, 1, 3, 4, 'Acme', 'Par', '4 channels', 'Acme/Acme-Par.qxf', 'Par too', 1.0, 0.0, 2.0, 0.0);
INSERT INTO fixture_groups (id, venue_id, name, movement_config, display_order) VALUES
  (1, 1, 'movers', '{"baseDirX":0.0,"baseDirY":1.0,"baseDirZ":-1.0,"extentU":40.0,"extentV":20.0,"uvRotation":0.0}', 2),
  (2, 1, 'front', NULL, 1),
  (3, 2, 'front', NULL, 1);
INSERT INTO fixture_group_members (fixture_id, group_id, display_order) VALUES
  ('f-m', 1, 0), ('f-r', 2, 1), ('f-l', 2, 0), ('b-1', 3, 0);
INSERT INTO patterns (id, name, description) VALUES
  (1, 'solid_color', NULL), (2, 'pulse', 'One a beat'), (3, 'never', NULL), (4, 'blank', NULL);
INSERT INTO implementations (id, pattern_id, name, graph_json) VALUES
  (1, 1, NULL, '{"nodes":[{"id":"args","typeId":"pattern_args","params":{},"positionX":0,"positionY":0},{"id":"out","typeId":"apply_color","params":{},"positionX":300,"positionY":0}],"edges":[{"id":"e1","fromNode":"args","fromPort":"sel","toNode":"out","toPort":"selection"},{"id":"e2","fromNode":"args","fromPort":"tint","toNode":"out","toPort":"signal"}],"args":[{"id":"sel","name":"Where","argType":"Selection","defaultValue":{"expression":"all","spatialReference":"global"}},{"id":"tint","name":"color","argType":"Color","defaultValue":{"r":255,"g":255,"b":255,"a":1}}]}'),
  (2, 2, 'Steady', '{"nodes":[{"id":"args","typeId":"pattern_args","params":{}},{"id":"out","typeId":"apply_dimmer","params":{}}],"edges":[{"id":"e1","fromNode":"args","fromPort":"sel","toNode":"out","toPort":"selection"},{"id":"e2","fromNode":"args","fromPort":"level","toNode":"out","toPort":"signal"}],"args":[{"id":"sel","name":"Where","argType":"Selection","defaultValue":{"expression":"front","spatialReference":"global"}},{"id":"level","name":"level","argType":"Scalar","defaultValue":0.5}]}'),
  (3, 2, 'On the beat', '{"nodes":[{"id":"args","typeId":"pattern_args","params":{}},{"id":"beat","typeId":"beat_envelope","params":{"subdivision":1,"attack":0,"decay":0,"sustain":1,"release":1,"sustain_level":1}},{"id":"out","typeId":"apply_dimmer","params":{}}],"edges":[{"id":"e1","fromNode":"args","fromPort":"sel","toNode":"out","toPort":"selection"},{"id":"e2","fromNode":"beat","fromPort":"out","toNode":"out","toPort":"signal"}],"args":[{"id":"sel","name":"Where","argType":"Selection","defaultValue":{"expression":"front","spatialReference":"global"}},{"id":"level","name":"level","argType":"Scalar","defaultValue":0.5}]}'),
  (4, 3, NULL, '{"nodes":[{"id":"args","typeId":"pattern_args","params":{}},{"id":"out","typeId":"apply_color","params":{}}],"edges":[{"id":"e1","fromNode":"args","fromPort":"sel","toNode":"out","toPort":"selection"},{"id":"e2","fromNode":"args","fromPort":"tint","toNode":"out","toPort":"signal"}],"args":[{"id":"sel","name":"Where","argType":"Selection","defaultValue":{"expression":"all","spatialReference":"global"}},{"id":"tint","name":"color","argType":"Color","defaultValue":{"r":0,"g":0,"b":255,"a":1}}]}'),
  (5, 4, NULL, '{"nodes":[],"edges":[]}');
INSERT INTO venue_implementation_overrides VALUES (1, 2, 2);
INSERT INTO tracks (id, track_hash, title, artist, duration_seconds, file_path) VALUES
  (1, 'abc', 'Night Bus', 'Nobody', 12.0, '/music/night bus.ogg');
INSERT INTO track_beats VALUES
  (1, '[0,0.5,1,1.5,2,2.5,3,3.5,4,4.5,5,5.5,6,6.5,7,7.5,8,8.5,9,9.5,10,10.5,11,11.5,12]', '[0,2,4,6,8,10,12]', 120.0, 0.0, 4);
INSERT INTO track_roots (track_id, sections_json) VALUES
  (1, '[{"start":0,"end":4,"root":9,"label":"A:min"},{"start":4,"end":8,"root":5,"label":""},{"start":8,"end":12,"root":null,"label":null}]');
INSERT INTO settings VALUES
  ('artnet_enabled', 'true'), ('artnet_interface', '10.0.0.5'), ('artnet_broadcast', 'false'),
  ('artnet_unicast_ip', '10.0.0.9'), ('artnet_net', '1'), ('artnet_subnet', '2'), ('max_dimmer', '80');
