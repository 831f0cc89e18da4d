#include "commands/history_line.h"

#include "history/history_json.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed {

std::string states_text(const history::HistoryRow& row) {
    const auto& spans = row.socket.spans;
    std::string text;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const bool last = i + 1 == spans.size();
        text += (text.empty() ? "" : " → ") + name(spans[i].state);
        if (!last || !row.socket.ended) {
            text += " " + text::duration_text(history::span_length(row, i, {}));
        }
        if (spans[i].cause) {
            text += std::string(" (") + tracking::name(*spans[i].cause) + ")";
        }
    }
    return text;
}

std::string end_text(const history::RecordedSocket& socket) {
    return socket.ended ? text::printable(socket.how) : socket.dead() ? "dead" : "not ended";
}

std::string history_text(const history::HistoryRow& row, const text::TerminalStyle& style) {
    const history::RecordedSocket& socket = row.socket;
    const history::RecordedOwner& owner = *socket.owner;
    std::string line =
        text::painted(text::rfc3339(socket.spans.front().began.time), text::Paint::dim, style);
    line += text::painted(socket.leaked ? "  leaked  " : "          ", text::Paint::red, style);
    line += to_string(socket.record.local) + " → " + to_string(socket.record.remote) + "  ";
    line += text::painted(states_text(row), text::Paint::bold, style);
    line += ", " + end_text(socket);
    line += "  " + text::printable(owner.name);
    if (owner.pid != 0) {
        line += ", pid " + std::to_string(owner.pid) + " (" + text::printable(owner.comm) + ")";
    }
    if (row.namespace_name) {
        line += ", in " + text::printable(*row.namespace_name);
    }
    return line;
}

}  // namespace halfclosed
