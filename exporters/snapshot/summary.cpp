#include "exporters/snapshot/summary.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "exporters/snapshot/explanation.h"
#include "exporters/snapshot/half_closed.h"
#include "text/time.h"
#include "text/utf8.h"
#include "text/words.h"

namespace halfclosed::exporters {

namespace {

std::string joined(const std::vector<std::string>& parts, const std::string& last_separator) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) {
            text += i + 1 == parts.size() ? last_separator : ", ";
        }
        text += parts[i];
    }
    return text;
}

std::uint64_t count_of(const tracking::SocketCounts& socket_counts, std::size_t labels,
                       TcpState state) {
    std::uint64_t count = 0;
    for (std::size_t label = 0; label < labels; ++label) {
        for (const tracking::Side side : tracking::kSides) {
            for (const tracking::Custody custody : tracking::kCustodies) {
                count += socket_counts.count(label, side, state, custody);
            }
        }
    }
    return count;
}

std::uint64_t half_closed(const Snapshot& snapshot) {
    std::uint64_t count = 0;
    for (const TcpState state : {TcpState::fin_wait1, TcpState::fin_wait2, TcpState::close_wait,
                                 TcpState::last_ack, TcpState::closing}) {
        count += count_of(*snapshot.closing, snapshot.port_labels.size(), state);
    }
    return count;
}

/// Nothing is half-closed: is that because all is well, or because nothing is there?
std::string nothing_half_closed(const Snapshot& snapshot, View view) {
    if (const std::uint64_t others = half_closed(snapshot); others > 0) {
        const std::string sockets =
            others == 1 ? "The one half-closed socket"
                        : "None of the " + std::to_string(others) + " half-closed sockets";
        return sockets + " on " + ports_phrase(snapshot) +
               (others == 1 ? " is not as asked for." : " is as asked for.");
    }
    std::string start = "No half-closed sockets on " +
                        (snapshot.every_port ? std::string("any port") : ports_phrase(snapshot)) +
                        ".";
    if (!snapshot.census) {
        return start;
    }
    const std::size_t labels = snapshot.port_labels.size();
    const tracking::SocketCounts& socket_counts = snapshot.census->socket_counts;
    const std::uint64_t listening = count_of(socket_counts, labels, TcpState::listen);
    const std::uint64_t established = count_of(socket_counts, labels, TcpState::established);
    const std::uint64_t time_wait = count_of(socket_counts, labels, TcpState::time_wait);
    if (listening + established + time_wait == 0) {
        return start + (snapshot.every_port
                            ? " Nothing listens or is connected either."
                            : " Nothing listens or is connected there either: --port "
                              "watches another.");
    }
    return start + (listening == 1 ? " There is " : " There are ") + std::to_string(listening) +
           " listening, " + std::to_string(established) + " established and " +
           std::to_string(time_wait) + " time_wait." +
           (view == View::once ? " `halfclosed watch` prints each transition as it happens." : "");
}

std::string by_cause(const std::map<tracking::Cause, std::uint64_t>& causes) {
    std::vector<std::string> parts;
    parts.reserve(causes.size());
    for (const auto& [cause, count] : causes) {
        parts.push_back(std::to_string(count) + " " + name(cause));
    }
    return parts.empty() ? "" : " (" + joined(parts, ", ") + ")";
}

std::string dead_sentence(const Snapshot& snapshot) {
    return snapshot.dead.empty()
               ? ""
               : " " + text::counted(snapshot.dead.size(), "dead socket") +
                     " beside: the connection is over, the descriptor still open.";
}

std::string disagreement(const char* field, const tracking::Reconciled& reconciled) {
    return std::string(field) + " " + std::to_string(reconciled.counted) + ", kernel " +
           std::to_string(reconciled.kernel);
}

std::string agreement(const char* field, const tracking::Reconciled& reconciled) {
    std::string text = std::string(field) + " " + std::to_string(reconciled.counted);
    if (reconciled.elsewhere > 0) {
        text += " and " + std::to_string(reconciled.elsewhere) + " in other namespaces";
    }
    return text;
}

}  // namespace

std::string ports_text(const std::vector<std::string>& port_labels) {
    return text::printable(joined(port_labels, " and "));
}

std::string ports_phrase(const Snapshot& snapshot) {
    if (snapshot.every_port) {
        return "all ports";
    }
    return (snapshot.port_labels.size() == 1 ? "port " : "ports ") +
           ports_text(snapshot.port_labels);
}

std::string unwatched_sentence(const Snapshot& snapshot) {
    const std::uint64_t others = snapshot.census ? snapshot.census->unwatched.total() : 0;
    return others == 0
               ? ""
               : text::counted(others, "half-closed socket") + " on other ports (--port all).";
}

std::string summary_sentence(const Snapshot& snapshot, View view) {
    if (!snapshot.closing) {
        return "The kernel gave no answer: nothing is known about " + ports_phrase(snapshot) + ".";
    }
    const std::vector<const tracking::TrackedSocket*> sockets = half_closed_sockets(snapshot);
    if (sockets.empty()) {
        return nothing_half_closed(snapshot, view) + dead_sentence(snapshot);
    }
    const tracking::TrackedSocket* const oldest =
        *std::min_element(sockets.begin(), sockets.end(), &older);
    std::map<TcpState, std::uint64_t> states;
    std::map<tracking::Cause, std::uint64_t> causes;
    for (const tracking::TrackedSocket* socket : sockets) {
        ++states[socket->record.state];
        if (socket->cause) {
            ++causes[*socket->cause];
        }
    }
    std::vector<std::string> parts;
    parts.reserve(states.size());
    for (const auto& [state, count] : states) {
        parts.push_back(std::to_string(count) + " " + name(state) +
                        (state == TcpState::close_wait ? by_cause(causes) : ""));
    }
    return text::counted(sockets.size(), "half-closed socket") + " on " + ports_phrase(snapshot) +
           ": " + joined(parts, ", ") + "; the oldest " + age_text(oldest->age(snapshot.instant)) +
           "." + dead_sentence(snapshot);
}

std::string reconciliation_sentence(const Snapshot& snapshot) {
    if (!snapshot.census || !snapshot.census->reconciliation) {
        if (snapshot.closing && snapshot.collectors.empty()) {
            return {};  // of a recording or of the past: nobody asked the kernel
        }
        return "Not compared with the kernel's own counts: they could not be read.";
    }
    const tracking::Reconciliation& reconciliation = *snapshot.census->reconciliation;
    std::vector<std::string> agree;
    std::vector<std::string> differ;
    for (const tracking::Count count : {tracking::Count::tw, tracking::Count::orphan,
                                        tracking::Count::inuse, tracking::Count::inuse6}) {
        const tracking::Reconciled& reconciled = reconciliation[count];
        if (reconciled.within) {
            agree.push_back(agreement(name(count), reconciled));
        } else {
            differ.push_back(disagreement(name(count), reconciled));
        }
    }
    if (differ.empty()) {
        return "All ports counted as the kernel counts: " + joined(agree, ", ") + ".";
    }
    return "Counts that differ from the kernel's own: " + joined(differ, "; ") +
           " (sockets come and go while they are counted; three times in a row is a mismatch).";
}

}  // namespace halfclosed::exporters
