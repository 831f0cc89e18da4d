#include "history/socket_writer.h"

#include <optional>
#include <string>

namespace halfclosed::history {

namespace {

const RecordedOwner kNobodyKnown;

std::optional<std::int64_t> time_of(const std::optional<Moment>& moment) {
    return moment ? std::optional(milliseconds(moment->time)) : std::nullopt;
}

std::optional<std::int64_t> instant_of(const std::optional<Moment>& moment) {
    return moment ? std::optional(nanoseconds(moment->instant)) : std::nullopt;
}

std::string bytes_of(const Address& address) {
    const std::size_t size = address.family == Family::ipv4 ? 4 : 16;
    return {reinterpret_cast<const char*>(address.bytes.data()), size};
}

}  // namespace

SocketWriter::SocketWriter(const Connection& connection, std::int64_t boot,
                           const std::map<NamespaceId, std::string>& namespaces)
    : connection_(connection),
      boot_(boot),
      namespaces_(namespaces),
      find_owner_(
          connection.prepare("SELECT id FROM owners WHERE name = ? AND pid = ? AND comm = ? AND "
                             "ifnull(unit, '') = ? AND ifnull(cgroup, '') = ?")),
      add_owner_(connection.prepare(
          "INSERT INTO owners(name, unit, cgroup, pid, comm) VALUES(?, ?, ?, ?, ?)")),
      write_(connection.prepare(
          "INSERT INTO sockets(boot, cookie, family, protocol, local, local_port, remote, "
          "remote_port, interface, netns, netns_name, port, side, uid, inode, cgroup, recv_queue, "
          "send_queue, owner, "
          "descriptor, spans_left_out, began_ms, began_ns, leaked_ms, leaked_ns, ended_ms, "
          "ended_ns, how) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
          "?, "
          "?, ?, ?, ?, ?) ON CONFLICT(boot, cookie) DO UPDATE SET "
          "netns_name = ifnull(excluded.netns_name, netns_name), uid = excluded.uid, "
          "inode = excluded.inode, cgroup = excluded.cgroup, recv_queue = excluded.recv_queue, "
          "send_queue = excluded.send_queue, owner = excluded.owner, "
          "descriptor = excluded.descriptor, spans_left_out = excluded.spans_left_out, "
          "began_ms = excluded.began_ms, began_ns = excluded.began_ns, "
          "leaked_ms = excluded.leaked_ms, leaked_ns = excluded.leaked_ns, "
          "ended_ms = excluded.ended_ms, ended_ns = excluded.ended_ns, how = excluded.how")),
      find_(connection.prepare("SELECT id FROM sockets WHERE boot = ? AND cookie = ?")),
      forget_spans_(connection.prepare("DELETE FROM spans WHERE socket = ? AND number >= ?")),
      write_span_(connection.prepare(
          "INSERT OR REPLACE INTO spans(socket, number, state, custody, cause, age, evidence, "
          "began_ms, began_ns) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
}

std::int64_t SocketWriter::owner_row(const RecordedOwner& owner) {
    if (const auto known = owners_.find(&owner); known != owners_.end()) {
        return known->second;
    }
    std::int64_t id = 0;
    if (find_owner_
            .with(owner.name, owner.pid, owner.comm, owner.unit.value_or(""),
                  owner.cgroup.value_or(""))
            .step()) {
        id = find_owner_.integer(0);
    } else {
        add_owner_.with(owner.name, owner.unit, owner.cgroup, owner.pid, owner.comm).run();
        id = connection_.last_row();
    }
    find_owner_.reset();
    owners_.emplace(&owner, id);
    return id;
}

void SocketWriter::write(const RecordedSocket& socket) {
    const SocketRecord& record = socket.record;
    const auto cookie = static_cast<std::int64_t>(record.cookie);
    const auto cgroup = record.cgroup_id
                            ? std::optional(static_cast<std::int64_t>(*record.cgroup_id))
                            : std::nullopt;
    const auto named = namespaces_.find(record.netns);
    const auto netns_name =
        named != namespaces_.end() ? std::optional(named->second) : std::nullopt;
    const Moment& began = socket.spans.front().began;
    const std::int64_t owner = owner_row(socket.owner ? *socket.owner : kNobodyKnown);
    write_
        .with(boot_, cookie, name(record.family), name(record.protocol),
              bytes_of(record.local.address), record.local.port, bytes_of(record.remote.address),
              record.remote.port, record.interface, static_cast<std::int64_t>(record.netns),
              netns_name, socket.port, name(socket.side), record.uid, record.inode, cgroup,
              record.recv_queue, record.send_queue, owner, socket.descriptor, socket.spans_left_out,
              milliseconds(began.time), nanoseconds(began.instant), time_of(socket.leaked),
              instant_of(socket.leaked), time_of(socket.ended), instant_of(socket.ended),
              socket.ended ? std::optional(socket.how) : std::nullopt)
        .run();
    find_.with(boot_, cookie).step();
    const std::int64_t id = find_.integer(0);
    find_.reset();
    forget_spans_.with(id, socket.spans.size()).run();  // an earlier run may have written more
    std::int64_t number = 0;
    for (const StateSpan& span : socket.spans) {
        const auto cause =
            span.cause ? std::optional<std::string>(name(*span.cause)) : std::nullopt;
        const auto evidence =
            span.evidence ? std::optional<std::string>(name(*span.evidence)) : std::nullopt;
        write_span_
            .with(id, number++, name(span.state), name(span.custody), cause, name(span.dated),
                  evidence, milliseconds(span.began.time), nanoseconds(span.began.instant))
            .run();
    }
}

}  // namespace halfclosed::history
