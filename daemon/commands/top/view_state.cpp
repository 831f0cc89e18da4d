#include "commands/top/view_state.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace halfclosed::top {

namespace {

using exporters::ListedSocket;
using exporters::SocketOrder;

constexpr std::array<std::pair<SocketOrder, const char*>, 7> kOrders{{{SocketOrder::age, "age"},
                                                                      {SocketOrder::owner, "owner"},
                                                                      {SocketOrder::cause, "cause"},
                                                                      {SocketOrder::state, "state"},
                                                                      {SocketOrder::queue, "queue"},
                                                                      {SocketOrder::peer, "peer"},
                                                                      {SocketOrder::port, "port"}}};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return text;
}

void next_order(ViewState& state, int step) {
    const auto at = std::find_if(kOrders.begin(), kOrders.end(),
                                 [&](const auto& each) { return each.first == state.order; });
    const auto place = static_cast<std::size_t>(at - kOrders.begin());
    const std::size_t count = kOrders.size();
    state.order = kOrders[(place + (step > 0 ? 1 : count - 1)) % count].first;
    state.first = 0;
}

void scroll_to(ViewState& state, std::size_t first, std::size_t sockets, std::size_t rows) {
    state.first = std::min(first, sockets > rows ? sockets - rows : 0);
}

void scroll_up(ViewState& state, std::size_t lines) {
    state.first -= std::min(state.first, lines);
}

Pressed type(ViewState& state, const Key& key) {
    switch (key.kind) {
        case Key::Kind::text:
            *state.typing += key.text;
            return Pressed::changed;
        case Key::Kind::backspace: {
            std::string& text = *state.typing;
            // All bytes of the last character: those behind its first are of the form 10xxxxxx.
            while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) {
                text.pop_back();
            }
            if (!text.empty()) {
                text.pop_back();
            }
            return Pressed::changed;
        }
        case Key::Kind::enter:
            state.filter = *state.typing;
            state.typing.reset();
            state.first = 0;
            return Pressed::changed;
        case Key::Kind::escape:
            state.typing.reset();
            return Pressed::changed;
        default:
            return Pressed::nothing;
    }
}

Pressed press_letter(ViewState& state, char letter, std::size_t sockets, std::size_t rows) {
    switch (letter) {
        case 'q':
        case 'Q':
            return Pressed::quit;
        case '?':
        case 'h':
            state.help = true;
            return Pressed::changed;
        case 'p':
            state.paused = !state.paused;
            return Pressed::changed;
        case 's':
        case '>':
            next_order(state, 1);
            return Pressed::changed;
        case '<':
            next_order(state, -1);
            return Pressed::changed;
        case 'R':
            state.reversed = !state.reversed;
            state.first = 0;
            return Pressed::changed;
        case '/':
        case 'o':
            state.typing = "";
            return Pressed::changed;
        case 'j':
            scroll_to(state, state.first + 1, sockets, rows);
            return Pressed::changed;
        case 'k':
            scroll_up(state, 1);
            return Pressed::changed;
        case ' ':
        case 'f':
            scroll_to(state, state.first + rows, sockets, rows);
            return Pressed::changed;
        case 'b':
            scroll_up(state, rows);
            return Pressed::changed;
        case 'd':
            scroll_to(state, state.first + rows / 2, sockets, rows);
            return Pressed::changed;
        case 'u':
            scroll_up(state, rows / 2);
            return Pressed::changed;
        case 'g':
            state.first = 0;
            return Pressed::changed;
        case 'G':
            scroll_to(state, sockets, sockets, rows);
            return Pressed::changed;
        default:
            return Pressed::nothing;
    }
}

bool has(const ListedSocket& listed, const exporters::Snapshot& snapshot,
         const std::string& wanted) {
    const SocketRecord& record = listed.socket->record;
    const Owner* const owner = snapshot.owner(record);
    std::string text =
        owner_label(owner) + "\n" + kind_of(listed) + "\n" + name(record.state) + "\n" +
        exporters::bound_address(identity(record), snapshot.interfaces_of(record)) + "\n" +
        exporters::remote_address(identity(record), snapshot.interfaces_of(record));
    for (const Process& process : owner == nullptr ? std::vector<Process>{} : owner->processes) {
        text += "\n" + process.comm + "\n" + std::to_string(process.pid);
    }
    return lower(std::move(text)).find(wanted) != std::string::npos;
}

}  // namespace

Pressed press(ViewState& state, const Key& key, std::size_t sockets, std::size_t rows) {
    if (key.kind == Key::Kind::redraw) {
        return Pressed::changed;
    }
    if (state.typing) {
        return type(state, key);
    }
    if (state.help) {
        state.help = false;
        return key == Key{Key::Kind::text, "Q"} ? Pressed::quit : Pressed::changed;
    }
    switch (key.kind) {
        case Key::Kind::text:
            return key.text.size() == 1 ? press_letter(state, key.text.front(), sockets, rows)
                                        : Pressed::nothing;
        case Key::Kind::up:
            scroll_up(state, 1);
            return Pressed::changed;
        case Key::Kind::down:
        case Key::Kind::enter:
            scroll_to(state, state.first + 1, sockets, rows);
            return Pressed::changed;
        case Key::Kind::page_up:
            scroll_up(state, rows);
            return Pressed::changed;
        case Key::Kind::page_down:
            scroll_to(state, state.first + rows, sockets, rows);
            return Pressed::changed;
        case Key::Kind::home:
            state.first = 0;
            return Pressed::changed;
        case Key::Kind::end:
            scroll_to(state, sockets, sockets, rows);
            return Pressed::changed;
        case Key::Kind::escape:
            state.filter.clear();
            state.first = 0;
            return Pressed::changed;
        default:
            return Pressed::nothing;
    }
}

std::string name(SocketOrder order) {
    return std::find_if(kOrders.begin(), kOrders.end(),
                        [order](const auto& each) { return each.first == order; })
        ->second;
}

std::vector<ListedSocket> chosen(const exporters::Snapshot& snapshot, const ViewState& state) {
    std::vector<ListedSocket> list = exporters::listing(snapshot, state.order);
    if (!state.filter.empty()) {
        const std::string wanted = lower(state.filter);
        std::erase_if(list, [&](const ListedSocket& each) { return !has(each, snapshot, wanted); });
    }
    if (state.reversed) {
        std::reverse(list.begin(), list.end());
    }
    return list;
}

}  // namespace halfclosed::top
