#include "loop/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>

#include <cerrno>
#include <csignal>
#include <ctime>
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

void block(int signal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    checked(-pthread_sigmask(SIG_BLOCK, &set, nullptr), "block a signal");
}

}  // namespace

/// One of sd_event's sources and what is called for it.
class EventLoop::Source {
 public:
    struct Event {
        std::uint32_t ready = 0;
        ChildEnd end;
    };
    using Handler = std::function<void(const Event&)>;

    Source(EventLoop& loop, Handler handler)
        : loop_(loop), handler_(std::make_shared<const Handler>(std::move(handler))) {}
    ~Source() { sd_event_source_disable_unref(source_); }
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    sd_event_source*& source() { return source_; }

    static int on_time(sd_event_source*, std::uint64_t, void* self) {
        return static_cast<Source*>(self)->handle({});
    }

    static int on_signal(sd_event_source*, const signalfd_siginfo*, void* self) {
        return static_cast<Source*>(self)->handle({});
    }

    static int on_descriptor(sd_event_source*, int, std::uint32_t ready, void* self) {
        return static_cast<Source*>(self)->handle({ready, {}});
    }

    static int on_child(sd_event_source*, const siginfo_t* info, void* self) {
        return static_cast<Source*>(self)->handle(
            {0, {info->si_code != CLD_EXITED, info->si_status}});
    }

 private:
    /// The handler may destroy this source, but not itself while it runs.
    int handle(const Event& event) {
        const std::shared_ptr<const Handler> handler = handler_;
        loop_.call([&] { (*handler)(event); });
        return 0;
    }

    EventLoop& loop_;
    std::shared_ptr<const Handler> handler_;
    sd_event_source* source_ = nullptr;
};

EventLoop::EventSource::EventSource() = default;
EventLoop::EventSource::EventSource(std::unique_ptr<Source> source) : source_(std::move(source)) {
}
EventLoop::EventSource::EventSource(EventSource&&) noexcept = default;
EventLoop::EventSource& EventLoop::EventSource::operator=(EventSource&&) noexcept = default;
EventLoop::EventSource::~EventSource() = default;

EventLoop::EventSource::operator bool() const {
    return source_ != nullptr;
}

void EventLoop::EventSource::set(std::chrono::nanoseconds from_now) {
    sd_event_source* const source = source_->source();
    const int result = sd_event_source_set_time_relative(source, microseconds(from_now));
    if (result != -ESTALE) {  // else the loop has ended, and with it all that was to come
        checked(result, "event loop timer");
        checked(sd_event_source_set_enabled(source, SD_EVENT_ONESHOT), "event loop timer");
    }
}

void EventLoop::EventSource::stop() {
    sd_event_source_set_enabled(source_->source(), SD_EVENT_OFF);
}

void EventLoop::Unref::operator()(sd_event* event) const {
    sd_event_unref(event);
}

EventLoop::EventLoop() {
    sd_event* event = nullptr;
    checked(sd_event_new(&event), "event loop");
    event_.reset(event);
    posted_any_ = posix::Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    kept_.push_back(
        descriptor(posted_any_.get(), EPOLLIN, [this](std::uint32_t) { run_posted(); }));
}

EventLoop::~EventLoop() = default;

EventLoop::EventSource EventLoop::timer(std::function<void()> handler) {
    constexpr std::uint64_t kAccuracy =
        1'000;  // 1 ms: sd_event's default of 250 ms is for those who may wait
    auto source = std::make_unique<Source>(
        *this, [handler = std::move(handler)](const Source::Event&) { handler(); });
    checked(sd_event_add_time_relative(event_.get(), &source->source(), CLOCK_BOOTTIME, 0,
                                       kAccuracy, &Source::on_time, source.get()),
            "event loop timer");
    EventSource waiting(std::move(source));
    waiting.stop();
    return waiting;
}

EventLoop::EventSource EventLoop::descriptor(int number, std::uint32_t events,
                                             std::function<void(std::uint32_t)> handler) {
    auto source = std::make_unique<Source>(
        *this,
        [handler = std::move(handler)](const Source::Event& event) { handler(event.ready); });
    checked(sd_event_add_io(event_.get(), &source->source(), number, events, &Source::on_descriptor,
                            source.get()),
            "event loop descriptor");
    return EventSource(std::move(source));
}

EventLoop::EventSource EventLoop::child(pid_t pid, std::function<void(ChildEnd)> handler) {
    block(SIGCHLD);  // sd_event_add_child(3) insists on it
    auto source = std::make_unique<Source>(
        *this, [handler = std::move(handler)](const Source::Event& event) { handler(event.end); });
    checked(sd_event_add_child(event_.get(), &source->source(), pid, WEXITED, &Source::on_child,
                               source.get()),
            "event loop child");
    return EventSource(std::move(source));
}

void EventLoop::add_timer(Timer timer) {
    const std::size_t place = kept_.size();
    kept_.push_back(
        this->timer([this, place, timer = std::move(timer)] { kept_[place].set(timer()); }));
    kept_.back().set(std::chrono::nanoseconds{0});
}

void EventLoop::on_signal(int signal, std::function<void()> handler) {
    add_signal(signal, SD_EVENT_PRIORITY_NORMAL, std::move(handler));
}

/// Signals of one priority have one queue, out of which the lowest number comes first: SIGHUP again and again would hold up
/// SIGTERM.
void EventLoop::stop_on(std::initializer_list<int> signals) {
    for (const int signal : signals) {
        add_signal(signal, SD_EVENT_PRIORITY_IMPORTANT, [this] { stop(0); });
    }
}

void EventLoop::add_signal(int signal, std::int64_t priority, std::function<void()> handler) {
    block(signal);
    auto source = std::make_unique<Source>(
        *this, [handler = std::move(handler)](const Source::Event&) { handler(); });
    checked(sd_event_add_signal(event_.get(), &source->source(), signal, &Source::on_signal,
                                source.get()),
            "event loop signal");
    checked(sd_event_source_set_priority(source->source(), priority), "event loop signal");
    kept_.push_back(EventSource(std::move(source)));
}

void EventLoop::post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
    eventfd_write(posted_any_.get(), 1);
}

void EventLoop::run_posted() {
    eventfd_t ignored = 0;
    eventfd_read(posted_any_.get(), &ignored);
    std::vector<std::function<void()>> tasks;
    {
        const std::lock_guard lock(mutex_);
        tasks.swap(posted_);
    }
    for (const auto& task : tasks) {
        call(task);
    }
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
