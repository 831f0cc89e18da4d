#include "daemon/event_loop.h"

#include <systemd/sd-event.h>

#include <csignal>
#include <ctime>
#include <exception>
#include <system_error>
#include <utility>

namespace halfclosed {

namespace {

int checked(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(-result, std::generic_category(), what);
    }
    return result;
}

std::uint64_t microseconds(std::chrono::nanoseconds duration) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

}  // namespace

struct EventLoop::TimerSlot {
    EventLoop& loop;
    Timer timer;
    std::unique_ptr<sd_event_source, Unref> source;

    static int fire(sd_event_source* source, std::uint64_t, void* self) {
        auto* slot = static_cast<TimerSlot*>(self);
        std::chrono::nanoseconds pause{0};
        slot->loop.call([&] { pause = slot->timer(); });
        sd_event_source_set_time_relative(source, microseconds(pause));
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
    }
};

struct EventLoop::SignalSlot {
    EventLoop& loop;
    std::function<void()> handler;
    std::unique_ptr<sd_event_source, Unref> source;

    static int fire(sd_event_source*, const signalfd_siginfo*, void* self) {
        auto* slot = static_cast<SignalSlot*>(self);
        slot->loop.call(slot->handler);
        return 0;
    }
};

void EventLoop::Unref::operator()(sd_event* event) const {
    sd_event_unref(event);
}

void EventLoop::Unref::operator()(sd_event_source* source) const {
    sd_event_source_disable_unref(source);
}

EventLoop::EventLoop() {
    sd_event* event = nullptr;
    checked(sd_event_new(&event), "event loop");
    event_.reset(event);
}

EventLoop::~EventLoop() = default;

void EventLoop::add_timer(Timer timer) {
    constexpr std::uint64_t kAccuracy =
        1'000;  // 1 ms: sd_event's default of 250 ms is for those who may wait
    auto slot = std::make_unique<TimerSlot>(TimerSlot{*this, std::move(timer), nullptr});
    sd_event_source* source = nullptr;
    checked(sd_event_add_time_relative(event_.get(), &source, CLOCK_BOOTTIME, 0, kAccuracy,
                                       &TimerSlot::fire, slot.get()),
            "event loop timer");
    slot->source.reset(source);
    timers_.push_back(std::move(slot));
}

void EventLoop::on_signal(int signal, std::function<void()> handler) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    checked(-pthread_sigmask(SIG_BLOCK, &set, nullptr), "block a signal");
    auto slot = std::make_unique<SignalSlot>(SignalSlot{*this, std::move(handler), nullptr});
    sd_event_source* source = nullptr;
    checked(sd_event_add_signal(event_.get(), &source, signal, &SignalSlot::fire, slot.get()),
            "event loop signal");
    slot->source.reset(source);
    signals_.push_back(std::move(slot));
}

void EventLoop::stop(int status) {
    sd_event_exit(event_.get(), status);
}

/// An exception must not pass through libsystemd's C: it waits here until run() is back.
void EventLoop::call(const std::function<void()>& handler) {
    try {
        handler();
    } catch (...) {
        error_ = std::current_exception();
        stop(0);
    }
}

int EventLoop::run() {
    const int status = checked(sd_event_loop(event_.get()), "event loop");
    if (error_) {
        std::rethrow_exception(std::exchange(error_, nullptr));
    }
    return status;
}

}  // namespace halfclosed
