#include "host/netstat.h"

#include <optional>
#include <utility>

#include "host/lines.h"
#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

/// Adds one table: its line of names and its line of values, both without the table's own name.
void add_table(std::string_view table, std::string_view names, std::string_view values,
               const std::string& file, Counters& counters) {
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
            counters[std::string(table) + "." + std::string(name)] = *number;
        } else if (!text::to_number<std::int64_t>(value)) {
            throw posix::Error(file,
                               std::string(table) + " " + std::string(name) + " is not a number");
        }
    }
}

std::uint64_t counter(const Counters& counters, const char* name, const std::string& file) {
    const auto found = counters.find(name);
    if (found == counters.end()) {
        throw posix::Error(file, "has no " + std::string(name));
    }
    return found->second;
}

}  // namespace

Counters parse_counters(std::string_view text, const std::string& file) {
    if (text.empty()) {
        throw posix::Error(file, "is empty");
    }
    Counters counters;
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
        add_table(table, *names, *values, file, counters);
    }
    return counters;
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
    const std::string snmp = directory + "/snmp";
    return counter(parse_counters(posix::read_file(snmp), snmp), "Tcp.EstabResets", snmp);
}

SegmentCounts read_segment_counts(const std::string& directory) {
    const std::string snmp = directory + "/snmp";
    const Counters counters = parse_counters(posix::read_file(snmp), snmp);
    return {counter(counters, "Tcp.InSegs", snmp), counter(counters, "Tcp.OutSegs", snmp),
            counter(counters, "Tcp.CurrEstab", snmp)};
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

}  // namespace halfclosed::host
