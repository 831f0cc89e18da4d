#include "commands/top/top_view.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <utility>

#include "cli/terminal.h"
#include "commands/top/screen.h"

namespace halfclosed::top {

namespace {

constexpr std::size_t kLatest = 10;

/// What a terminal sends for one key comes at once; over a network, nearly.
constexpr std::chrono::milliseconds kSettles{50};

}  // namespace

TopView::TopView(EventLoop& loop, const CommonOptions& common)
    : loop_(loop), common_(common), settled_(loop.timer([this] { take(reader_.settle()); })) {
    loop_.on_signal(SIGWINCH, [this] { draw(); });
    loop_.on_signal(SIGTSTP, [this] { suspend(); });
    if (terminal_.has_keys()) {
        keys_ = loop_.descriptor(STDIN_FILENO, EPOLLIN,
                                 [this](std::uint32_t events) { read_keys(events); });
    }
}

void TopView::add(const exporters::ToldTransition& transition) {
    latest_.push_back(transition);
    if (latest_.size() > kLatest) {
        latest_.pop_front();
    }
}

void TopView::show(std::shared_ptr<const exporters::Snapshot> snapshot, const std::string& note) {
    if (state_.paused && snapshot_) {
        return;
    }
    snapshot_ = std::move(snapshot);
    note_ = note;
    shown_ = latest_;
    draw();
}

void TopView::read_keys(std::uint32_t events) {
    std::array<char, 256> bytes{};
    const auto count = read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count > 0) {
        take(reader_.read({bytes.data(), static_cast<std::size_t>(count)}));
        if (reader_.waits()) {
            settled_.set(kSettles);
        }
    } else if ((events & (EPOLLHUP | EPOLLERR)) != 0U) {
        loop_.stop(0);
    }
}

void TopView::take(const std::vector<Key>& keys) {
    bool changed = false;
    for (const Key& key : keys) {
        switch (press(state_, key, sockets_, rows_)) {
            case Pressed::quit:
                loop_.stop(0);
                return;
            case Pressed::changed:
                changed = true;
                break;
            case Pressed::nothing:
                break;
        }
    }
    if (changed) {
        draw();
    }
}

void TopView::draw() {
    if (!snapshot_) {
        return;
    }
    const Screen drawn = screen({*snapshot_, shown_, note_}, state_, terminal_rows(STDOUT_FILENO),
                                terminal_style(common_, STDOUT_FILENO));
    sockets_ = drawn.sockets;
    rows_ = drawn.rows;
    state_.first = drawn.first;  // the next key goes on from what is in sight
    terminal_.draw(drawn.lines);
    if (std::fflush(stdout) != 0) {
        loop_.stop(0);
    }
}

void TopView::suspend() {
    terminal_.leave();
    raise(SIGSTOP);
    // Somebody wants it back.
    terminal_.enter();
    draw();
}

}  // namespace halfclosed::top
