#include "commands/top/screen.h"

#include <algorithm>
#include <map>
#include <utility>

#include "exporters/snapshot/explanation.h"
#include "exporters/snapshot/leaks.h"
#include "exporters/snapshot/summary.h"
#include "exporters/terminal/group_table.h"
#include "exporters/terminal/socket_lines.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::top {

namespace {

using exporters::ListedSocket;
using exporters::Snapshot;
using Lines = std::vector<std::string>;

std::string bold(const std::string& text, const text::TerminalStyle& style) {
    return text::painted(text::cut(text, style.width), text::Paint::bold, style);
}

/// "2000 half-closed, 1800 leaked, 3 dead, the oldest 1h00m".
std::string totals(const Snapshot& snapshot) {
    if (!snapshot.closing) {
        return "the kernel gives no answer";
    }
    const std::vector<ListedSocket> all = exporters::listing(snapshot);
    std::size_t leaked = snapshot.dead.size();
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        leaked += exporters::is_leaked(socket, snapshot) ? 1 : 0;
    }
    std::string text = std::to_string(all.size() - snapshot.dead.size()) + " half-closed, " +
                       std::to_string(leaked) + " leaked";
    if (!snapshot.dead.empty()) {
        text += " (" + std::to_string(snapshot.dead.size()) + " dead)";
    }
    if (!all.empty()) {
        text += ", the oldest " + exporters::age_text(all.front().age(snapshot.instant));
    }
    return text;
}

std::string head(const Snapshot& snapshot, const ViewState& state,
                 const text::TerminalStyle& style) {
    const std::string time = text::local_time_of_day(snapshot.time).substr(0, 8);
    std::string line = time + (state.paused ? " PAUSED" : "") + "  " + totals(snapshot);
    const std::string where = "  " + exporters::ports_phrase(snapshot);
    if (text::columns(line) + text::columns(where) <= style.width) {
        line += where;
    }
    return bold(line, style);
}

std::string states(const Snapshot& snapshot, const text::TerminalStyle& style) {
    std::map<TcpState, std::uint64_t> counts;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (kHalfClosedStates.contains(socket.record.state)) {
            ++counts[socket.record.state];
        }
    }
    std::string line;
    for (const auto& [state, count] : counts) {
        line += (line.empty() ? "" : "  ") + name(state) + " " + std::to_string(count);
    }
    const std::uint64_t others = snapshot.census ? snapshot.census->unwatched.total() : 0;
    if (others > 0) {
        line += (line.empty() ? "+" : "  +") + std::to_string(others) + " on other ports";
        const std::string hint = " (--port all)";
        line += text::columns(line) + hint.size() <= style.width ? hint : "";
    }
    return text::cut(line, style.width);
}

Lines lines_of(const std::string& text) {
    Lines lines;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = text.find('\n', start);
        lines.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return lines;
}

/// At most `most` lines, the last of which counts what is left out.
Lines owners(const Snapshot& snapshot, std::size_t most, const text::TerminalStyle& style) {
    Lines lines = lines_of(exporters::owner_lines(snapshot, style));
    if (lines.size() > most) {
        const std::size_t left_out = lines.size() - most + 1;
        lines.resize(most - 1);
        lines.push_back("… and " + std::to_string(left_out) + " more owners");
    }
    return lines;
}

const Lines kWideKeys{"  q          quit                     ? h        this help",
                      "  s > <      sort by the next thing   R          reverse the order",
                      "  / o        show only sockets with a text: owner, cause, address, pid",
                      "  Esc        all sockets again        p          pause, and go on",
                      "  ↑ ↓ j k    a line                   PgUp PgDn  a page (b, Space)",
                      "  Home End   first and last (g, G)    u d        half a page",
                      "  Ctrl-L     draw anew                Ctrl-Z     suspend"};

const Lines kNarrowKeys{"  q          quit               ? h        this help",
                        "  s > <      next sort order    R          reverse it",
                        "  / o        filter by a text   Esc        without it",
                        "  ↑ ↓ j k    a line             PgUp PgDn  a page (b, Space)",
                        "  u d        half a page        Home End   ends (g, G)",
                        "  p          pause, and go on   Ctrl-Z     suspend",
                        "  Ctrl-L     draw anew"};

bool fits(const Lines& lines, std::size_t width) {
    return std::all_of(lines.begin(), lines.end(),
                       [width](const std::string& line) { return text::columns(line) <= width; });
}

Lines help(std::size_t width) {
    Lines lines;
    const auto add = [&lines, width](const char* sentence) {
        for (std::string& line : lines_of(text::wrapped(sentence, 0, width))) {
            lines.push_back(std::move(line));
        }
    };
    add("Half-closed TCP sockets as they stand, and the latest transitions below.");
    lines.emplace_back();
    const Lines& keys = fits(kWideKeys, width) ? kWideKeys : kNarrowKeys;
    lines.insert(lines.end(), keys.begin(), keys.end());
    lines.emplace_back();
    add("Red has leaked: in CLOSE-WAIT for longer than --leak-after, and not closed.");
    add("→ is a transition that was seen, ⇢ one that must have happened in between.");
    lines.emplace_back();
    add("Press any key to go on.");
    return lines;
}

std::string keys(const ViewState& state, const Scene& scene, const Screen& screen,
                 const text::TerminalStyle& style) {
    if (state.typing) {
        return text::cut("filter: " + text::printable(*state.typing) + "_", style.width);
    }
    std::string line = "q quit  ? help  s sort:" + name(state.order) +
                       (state.reversed ? " reversed" : "") + "  / filter" +
                       (state.filter.empty() ? "" : ":" + text::printable(state.filter)) +
                       "  p pause";
    if (screen.rows > 0 && screen.rows < screen.sockets) {
        line += "  " + std::to_string(screen.first + 1) + "-" +
                std::to_string(std::min(screen.first + screen.rows, screen.sockets)) + " of " +
                std::to_string(screen.sockets);
    }
    if (!scene.note.empty()) {
        line += "  " + scene.note;
    }
    return text::painted(text::cut(line, style.width), text::Paint::dim, style);
}

/// Where everything goes on a screen of so many rows.
struct Plan {
    std::size_t owners = 0;
    std::size_t transitions = 0;

    explicit Plan(std::size_t rows) {
        owners = std::clamp<std::size_t>(rows / 5, 3, 12);
        transitions = std::clamp<std::size_t>(rows / 6, 1, 10);
    }
};

}  // namespace

Screen screen(const Scene& scene, const ViewState& state, std::size_t rows,
              const text::TerminalStyle& style) {
    rows = std::max<std::size_t>(rows, 2);
    const Snapshot& snapshot = scene.snapshot;
    const Plan plan(rows);
    Screen result;
    result.first = state.first;
    Lines& lines = result.lines;
    lines.push_back(head(snapshot, state, style));
    const std::size_t last = rows - 1;
    if (state.help) {
        for (const std::string& line : help(style.width)) {
            lines.push_back(text::cut(line, style.width));
        }
        lines.resize(last);
        lines.push_back(keys(state, scene, result, style));
        return result;
    }
    lines.push_back(states(snapshot, style));
    for (std::string& line : owners(snapshot, plan.owners, style)) {
        lines.push_back(std::move(line));
    }
    lines.emplace_back();

    Lines below;
    const std::size_t shown = std::min(plan.transitions, scene.transitions.size());
    if (shown > 0) {
        below.push_back(bold("TRANSITIONS", style));
        for (std::size_t i = scene.transitions.size() - shown; i < scene.transitions.size(); ++i) {
            below.push_back(exporters::told_text(scene.transitions[i], style));
        }
    }
    const std::vector<ListedSocket> sockets = chosen(snapshot, state);
    result.sockets = sockets.size();
    const std::size_t taken = lines.size() + below.size() + 1;  // the titles
    result.rows = last > taken ? last - taken : 0;
    result.first =
        std::min(state.first, sockets.size() > result.rows ? sockets.size() - result.rows : 0);
    const std::vector<ListedSocket> seen(
        sockets.begin() + static_cast<std::ptrdiff_t>(result.first),
        sockets.begin() +
            static_cast<std::ptrdiff_t>(std::min(result.first + result.rows, sockets.size())));
    if (!seen.empty()) {
        for (std::string& line : lines_of(socket_lines(snapshot, seen, style.width).text(style))) {
            lines.push_back(std::move(line));
        }
    } else {
        lines.push_back(text::cut(state.filter.empty()
                                      ? exporters::summary_sentence(snapshot, exporters::View::live)
                                      : "No socket has '" + text::printable(state.filter) + "'.",
                                  style.width));
    }
    // On a screen too low for everything, the sockets give way, then all transitions to the worst owner.
    constexpr std::size_t kTotalsAndWorst = 4;
    if (last < kTotalsAndWorst + below.size()) {
        below.clear();
    }
    const std::size_t room = last > below.size() ? last - below.size() : 0;
    lines.resize(std::min(std::max(room, std::min<std::size_t>(last, 2)), last));
    for (std::string& line : below) {
        if (lines.size() < last) {
            lines.push_back(std::move(line));
        }
    }
    lines.push_back(keys(state, scene, result, style));
    return result;
}

}  // namespace halfclosed::top
