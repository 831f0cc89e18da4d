#include "host/netstat.h"

#include <array>
#include <optional>
#include <utility>

#include "host/lines.h"
#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

/// Calls `use(table, name, value)` for every counter of a table: of its line of names and its line of values, both without
/// the table's own name.
template <typename Use>
void read_table(std::string_view table, std::string_view names, std::string_view values,
                const std::string& file, const Use& use) {
    while (true) {
        const std::string_view name = text::next_word(names);
        const std::string_view value = text::next_word(values);
        if (name.empty() != value.empty()) {
            throw posix::Error(file,
                               std::string(table) + " has more " +
                                   (name.empty() ? "values than names" : "names than values"));
        }
        if (name.empty()) {
            return;
        }
        if (const auto number = text::to_number<std::uint64_t>(value)) {
            use(table, name, *number);
        } else if (!text::to_number<std::int64_t>(value)) {
            throw posix::Error(file,
                               std::string(table) + " " + std::string(name) + " is not a number");
        }
    }
}

/// The same for every counter of every table.
template <typename Use>
void read_tables(std::string_view text, const std::string& file, const Use& use) {
    if (text.empty()) {
        throw posix::Error(file, "is empty");
    }
    while (std::optional<std::string_view> names = next_line(text, file)) {
        std::string_view table = text::next_word(*names);
        if (!table.ends_with(':')) {
            throw posix::Error(file, "a line does not begin with the name of a table");
        }
        std::optional<std::string_view> values = next_line(text, file);
        if (!values || text::next_word(*values) != table) {
            table.remove_suffix(1);
            throw posix::Error(file, "no line of values for " + std::string(table));
        }
        table.remove_suffix(1);
        read_table(table, *names, *values, file, use);
    }
}

}  // namespace

Counters parse_counters(std::string_view text, const std::string& file) {
    Counters counters;
    read_tables(text, file,
                [&counters](std::string_view table, std::string_view name, std::uint64_t value) {
                    counters[std::string(table) + "." + std::string(name)] = value;
                });
    return counters;
}

TcpCounts parse_tcp_counts(std::string_view text, const std::string& file) {
    struct Field {
        std::string_view name;
        std::uint64_t& value;
        bool found = false;
    };
    TcpCounts counts;
    std::array fields{
        Field{"InSegs", counts.segments.received}, Field{"OutSegs", counts.segments.sent},
        Field{"CurrEstab", counts.segments.established}, Field{"EstabResets", counts.estab_resets}};
    read_tables(text, file,
                [&fields](std::string_view table, std::string_view name, std::uint64_t value) {
                    if (table != "Tcp") {
                        return;
                    }
                    for (Field& field : fields) {
                        if (field.name == name) {
                            field.value = value;
                            field.found = true;
                        }
                    }
                });
    for (const Field& field : fields) {
        if (!field.found) {
            throw posix::Error(file, "has no Tcp." + std::string(field.name));
        }
    }
    return counts;
}

TcpEventCounts tcp_events(const Counters& counters) {
    TcpEventCounts events;
    for (const TcpEvent& event : kTcpEvents) {
        const auto counter = counters.find(std::string(event.table) + "." + event.name);
        if (counter != counters.end()) {
            events[event.name] = counter->second;
        }
    }
    return events;
}

std::uint64_t read_estab_resets(const std::string& directory) {
    return read_tcp_counts(directory).estab_resets;
}

TcpCounts read_tcp_counts(const std::string& directory) {
    const std::string snmp = directory + "/snmp";
    return parse_tcp_counts(posix::read_file(snmp), snmp);
}

bool has_mptcp_counts(std::string_view netstat, const std::string& file) {
    bool names = true;
    while (std::optional<std::string_view> line = next_line(netstat, file)) {
        if (text::next_word(*line) != "MPTcpExt:") {
            continue;
        }
        if (!std::exchange(names, false)) {
            return line->find_first_not_of(" 0") != std::string_view::npos;
        }
    }
    return false;
}

bool mptcp_was_used(const std::string& directory) {
    const std::string netstat = directory + "/netstat";
    return has_mptcp_counts(posix::read_file(netstat), netstat);
}

Counters read_counters(const std::string& directory) {
    const std::string netstat = directory + "/netstat";
    const std::string snmp = directory + "/snmp";
    Counters counters = parse_counters(posix::read_file(netstat), netstat);
    counters.merge(parse_counters(posix::read_file(snmp), snmp));
    return counters;
}

TcpReading read_tcp(const std::string& directory) {
    TcpReading reading;
    const auto read = [&](const std::string& file) {
        std::string text = posix::read_file(file);
        read_tables(
            text, file,
            [&reading](std::string_view table, std::string_view counter, std::uint64_t value) {
                for (const TcpEvent& event : kTcpEvents) {
                    if (counter == event.name && table == event.table) {
                        reading.events[event.name] = value;
                    }
                }
            });
        return text;
    };
    const std::string netstat = directory + "/netstat";
    reading.mptcp_was_used = has_mptcp_counts(read(netstat), netstat);
    read(directory + "/snmp");
    return reading;
}

}  // namespace halfclosed::host
