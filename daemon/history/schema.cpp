#include "history/schema.h"

#include <string>

namespace halfclosed::history {

namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE boots(
  id INTEGER PRIMARY KEY,
  clock TEXT NOT NULL UNIQUE
);
CREATE TABLE observed(
  id INTEGER PRIMARY KEY,
  boot INTEGER NOT NULL REFERENCES boots,
  from_ms INTEGER NOT NULL, from_ns INTEGER NOT NULL,
  to_ms INTEGER NOT NULL, to_ns INTEGER NOT NULL
);
CREATE INDEX observed_by_end ON observed(to_ms);
CREATE TABLE owners(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  unit TEXT, cgroup TEXT,
  pid INTEGER NOT NULL, comm TEXT NOT NULL
);
CREATE UNIQUE INDEX owners_by_all ON owners(name, pid, comm, ifnull(unit, ''), ifnull(cgroup, ''));
CREATE TABLE sockets(
  id INTEGER PRIMARY KEY,
  boot INTEGER NOT NULL REFERENCES boots,
  cookie INTEGER NOT NULL,
  family TEXT NOT NULL, protocol TEXT NOT NULL,
  local BLOB NOT NULL, local_port INTEGER NOT NULL,
  remote BLOB NOT NULL, remote_port INTEGER NOT NULL,
  interface INTEGER NOT NULL,
  netns INTEGER NOT NULL, netns_name TEXT,
  port INTEGER NOT NULL, side TEXT NOT NULL,
  uid INTEGER NOT NULL, inode INTEGER NOT NULL, cgroup INTEGER,
  recv_queue INTEGER NOT NULL, send_queue INTEGER NOT NULL,
  owner INTEGER NOT NULL REFERENCES owners, descriptor INTEGER NOT NULL,
  spans_left_out INTEGER NOT NULL,
  began_ms INTEGER NOT NULL, began_ns INTEGER NOT NULL,
  leaked_ms INTEGER, leaked_ns INTEGER,
  ended_ms INTEGER, ended_ns INTEGER,
  how TEXT
);
CREATE UNIQUE INDEX sockets_by_cookie ON sockets(boot, cookie);
CREATE INDEX sockets_by_begin ON sockets(began_ms);
CREATE INDEX sockets_by_end ON sockets(ended_ms, began_ms);
CREATE INDEX sockets_by_owner ON sockets(owner);
CREATE TABLE spans(
  socket INTEGER NOT NULL REFERENCES sockets ON DELETE CASCADE,
  number INTEGER NOT NULL,
  state TEXT NOT NULL, custody TEXT NOT NULL, cause TEXT, age TEXT NOT NULL, evidence TEXT,
  began_ms INTEGER NOT NULL, began_ns INTEGER NOT NULL,
  PRIMARY KEY(socket, number)
) WITHOUT ROWID;
CREATE TABLE samples(
  id INTEGER PRIMARY KEY,
  boot INTEGER NOT NULL REFERENCES boots,
  time_ms INTEGER NOT NULL, time_ns INTEGER NOT NULL
);
CREATE INDEX samples_by_time ON samples(time_ms);
CREATE TABLE state_counts(
  sample INTEGER NOT NULL REFERENCES samples ON DELETE CASCADE,
  state TEXT NOT NULL, custody TEXT NOT NULL,
  sockets INTEGER NOT NULL, oldest_ns INTEGER NOT NULL,
  PRIMARY KEY(sample, state, custody)
) WITHOUT ROWID;
CREATE TABLE owner_counts(
  sample INTEGER NOT NULL REFERENCES samples ON DELETE CASCADE,
  owner TEXT NOT NULL,
  half_closed INTEGER NOT NULL, leaked INTEGER NOT NULL, dead INTEGER NOT NULL,
  PRIMARY KEY(sample, owner)
) WITHOUT ROWID;
CREATE TABLE step_counts(
  sample INTEGER NOT NULL REFERENCES samples ON DELETE CASCADE,
  from_state TEXT NOT NULL, to_state TEXT NOT NULL,
  steps INTEGER NOT NULL,
  PRIMARY KEY(sample, from_state, to_state)
) WITHOUT ROWID;
)sql";

}  // namespace

void create_tables(const Connection& connection) {
    Transaction transaction(connection);
    connection.execute(kTables);
    connection.execute("PRAGMA application_id = " + std::to_string(kApplicationId) +
                       "; PRAGMA user_version = " + std::to_string(kVersion));
    transaction.commit();
}

Content content_of(const Connection& connection) {
    if (connection.number("SELECT count(*) FROM sqlite_schema") == 0) {
        return Content::empty;
    }
    if (connection.number("PRAGMA application_id") != kApplicationId) {
        return Content::foreign;
    }
    return connection.number("PRAGMA user_version") == kVersion ? Content::ours
                                                                : Content::other_version;
}

}  // namespace halfclosed::history
