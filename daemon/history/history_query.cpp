#include "history/history_query.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <stdexcept>
#include <system_error>

#include "history/history_file.h"
#include "history/schema.h"
#include "history/state_names.h"

namespace halfclosed::history {

namespace {

constexpr const char* kSocketColumns =
    "SELECT s.id, s.boot, s.cookie, s.family, s.protocol, s.local, s.local_port, s.remote, "
    "s.remote_port, s.interface, s.port, s.side, s.uid, s.inode, s.cgroup, s.recv_queue, "
    "s.send_queue, s.descriptor, s.spans_left_out, s.leaked_ms, s.leaked_ns, s.ended_ms, "
    "s.ended_ns, s.how, o.id, o.name, o.unit, o.cgroup, o.pid, o.comm, s.netns, s.netns_name "
    "FROM sockets s JOIN owners o ON o.id = s.owner ";

Endpoint endpoint(const Statement& row, int address, int port, Family family) {
    const std::string bytes = row.text(address);
    Endpoint end;
    end.address.family = bytes.size() == 4 ? Family::ipv4 : Family::ipv6;
    std::copy_n(bytes.begin(), std::min(bytes.size(), end.address.bytes.size()),
                end.address.bytes.begin());
    if (bytes.empty()) {
        end.address.family = family;
    }
    end.port = static_cast<std::uint16_t>(row.integer(port));
    return end;
}

std::optional<Moment> maybe_moment(const Statement& row, int milliseconds) {
    const auto time = row.maybe_integer(milliseconds);
    return time ? std::optional(moment(*time, row.integer(milliseconds + 1))) : std::nullopt;
}

/// Makes sockets of rows; owners are shared among them.
class Reader {
 public:
    explicit Reader(const Connection& connection)
        : spans_(connection.prepare("SELECT state, custody, cause, age, began_ms, began_ns, "
                                    "evidence "
                                    "FROM spans WHERE socket = ? ORDER BY number")) {}

    RecordedSocket socket(const Statement& row) {
        RecordedSocket socket;
        SocketRecord& record = socket.record;
        record.cookie = Cookie{static_cast<std::uint64_t>(row.integer(2))};
        record.family = row.text(3) == name(Family::ipv6) ? Family::ipv6 : Family::ipv4;
        record.protocol = row.text(4) == name(Protocol::mptcp) ? Protocol::mptcp : Protocol::tcp;
        record.local = endpoint(row, 5, 6, record.family);
        record.remote = endpoint(row, 7, 8, record.family);
        record.interface = static_cast<std::uint32_t>(row.integer(9));
        record.netns = NamespaceId{static_cast<std::uint64_t>(row.integer(30))};
        socket.port = static_cast<std::uint16_t>(row.integer(10));
        socket.side = row.text(11) == name(tracking::Side::client) ? tracking::Side::client
                                                                   : tracking::Side::server;
        record.uid = static_cast<std::uint32_t>(row.integer(12));
        record.inode = static_cast<std::uint32_t>(row.integer(13));
        if (const auto cgroup = row.maybe_integer(14)) {
            record.cgroup_id = static_cast<std::uint64_t>(*cgroup);
        }
        record.recv_queue = static_cast<std::uint32_t>(row.integer(15));
        record.send_queue = static_cast<std::uint32_t>(row.integer(16));
        socket.descriptor = static_cast<std::int32_t>(row.integer(17));
        socket.spans_left_out = static_cast<std::uint32_t>(row.integer(18));
        socket.leaked = maybe_moment(row, 19);
        socket.ended = maybe_moment(row, 21);
        socket.how = row.text(23);
        socket.owner = owner(row);
        read_spans(row.integer(0), socket);
        return socket;
    }

 private:
    std::shared_ptr<const RecordedOwner> owner(const Statement& row) {
        std::shared_ptr<const RecordedOwner>& known = owners_[row.integer(24)];
        if (!known) {
            known = std::make_shared<const RecordedOwner>(
                RecordedOwner{row.text(25), row.maybe_text(26), row.maybe_text(27),
                              static_cast<std::int32_t>(row.integer(28)), row.text(29)});
        }
        return known;
    }

    void read_spans(std::int64_t id, RecordedSocket& socket) {
        spans_.with(id);
        while (spans_.step()) {
            const auto state = state_named(spans_.text(0));
            if (!state || socket.spans.size() >= RecordedSocket::kMostSpans) {
                continue;
            }
            socket.spans.push_back({*state, custody_named(spans_.text(1)),
                                    cause_named(spans_.text(2)), age_kind_named(spans_.text(3)),
                                    moment(spans_.integer(4), spans_.integer(5)),
                                    evidence_named(spans_.text(6))});
        }
        spans_.reset();
        if (!socket.spans.empty()) {
            socket.record.state = socket.spans.back().state;
        }
    }

    Statement spans_;
    std::map<std::int64_t, std::shared_ptr<const RecordedOwner>> owners_;
};

std::map<std::int64_t, Moment> observed_ends(const Connection& connection) {
    std::map<std::int64_t, Moment> ends;
    Statement rows =
        connection.prepare("SELECT boot, to_ms, max(to_ns) FROM observed GROUP BY boot");
    while (rows.step()) {
        ends[rows.integer(0)] = moment(rows.integer(1), rows.integer(2));
    }
    return ends;
}

}  // namespace

std::string path_in(const std::string& directory) {
    return directory + "/" + kFileName;
}

Connection open_for_reading(const std::string& directory) {
    const std::string path = path_in(directory);
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        const int why = errno;
        throw std::runtime_error(path + ": " + std::generic_category().message(why) +
                                 (why == ENOENT ? " (halfclosed serve --state-dir makes it)" : ""));
    }
    // Without its log nobody writes it, and where the directory cannot be written to SQLite could not make one.
    const bool log = ::stat((path + "-wal").c_str(), &status) == 0;
    try {
        Connection connection =
            log ? Connection(path, Connection::Mode::read)
                : Connection(file_uri(path) + "?immutable=1", Connection::Mode::read);
        const Content content = content_of(connection);
        if (content == Content::other_version) {
            throw std::runtime_error(path + ": is of another version of halfclosed");
        }
        if (content != Content::ours) {
            throw std::runtime_error(path + ": is not a history of halfclosed");
        }
        return connection;
    } catch (const SqliteError& error) {
        throw std::runtime_error(path + ": " + error.what());
    }
}

void for_each_socket(const Connection& connection, const SocketQuery& query,
                     const std::function<void(HistoryRow&&)>& take) {
    std::string sql = kSocketColumns;
    const std::int64_t from =
        query.from ? milliseconds(*query.from) : std::numeric_limits<std::int64_t>::min();
    const std::int64_t to =
        query.to ? milliseconds(*query.to) : std::numeric_limits<std::int64_t>::max();
    // One that has not ended may have been seen last long ago: a daemon may be stopped.
    sql +=
        "WHERE s.began_ms <= ?1 AND (s.ended_ms >= ?2 OR (s.ended_ms IS NULL AND ?2 <= "
        "ifnull((SELECT max(to_ms) FROM observed WHERE observed.boot = s.boot), 0))) "
        "AND (?3 IS NULL OR o.name = ?3 OR o.unit = ?3) AND (?4 IS NULL OR s.cookie = ?4) ";
    sql += query.limit == 0 ? "ORDER BY s.began_ms"
                            : "ORDER BY s.began_ms DESC LIMIT " + std::to_string(query.limit);
    const std::map<std::int64_t, Moment> ends = observed_ends(connection);
    Reader reader(connection);
    Statement rows = connection.prepare(sql);
    rows.with(
        to, from, query.owner,
        query.cookie ? std::optional(static_cast<std::int64_t>(*query.cookie)) : std::nullopt);
    std::vector<HistoryRow> last;
    while (rows.step()) {
        HistoryRow row{reader.socket(rows), {}, rows.integer(1), rows.maybe_text(31)};
        if (row.socket.spans.empty()) {
            continue;
        }
        const auto end = ends.find(row.boot);
        row.observed_until = end != ends.end() ? end->second : row.socket.spans.back().began;
        if (query.limit == 0) {
            take(std::move(row));
        } else {
            last.push_back(std::move(row));
        }
    }
    for (auto row = last.rbegin(); row != last.rend(); ++row) {
        take(std::move(*row));
    }
}

std::vector<std::uint16_t> ports_since(const Connection& connection, WallTime from) {
    Statement rows = connection.prepare(
        "SELECT DISTINCT port FROM sockets WHERE ended_ms IS NULL OR ended_ms >= ? ORDER BY port");
    rows.with(milliseconds(from));
    std::vector<std::uint16_t> ports;
    while (rows.step()) {
        ports.push_back(static_cast<std::uint16_t>(rows.integer(0)));
    }
    return ports;
}

void for_each_open_socket(const Connection& connection, std::int64_t boot,
                          const std::function<void(RecordedSocket&&)>& take) {
    Reader reader(connection);
    Statement rows = connection.prepare(
        std::string(kSocketColumns).append("WHERE s.ended_ms IS NULL AND s.boot = ?"));
    rows.with(boot);
    while (rows.step()) {
        take(reader.socket(rows));
    }
}

}  // namespace halfclosed::history
