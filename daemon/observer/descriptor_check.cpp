#include "observer/descriptor_check.h"

#include <algorithm>
#include <unordered_set>

#include "host/dead_sockets.h"
#include "posix/error.h"

namespace halfclosed {

namespace {

using tracking::DescriptorState;

/// It is rare that the last known holder of a dead socket closes it, and a pass looks for all of them at once.
constexpr host::PassBudget kBudget{std::chrono::milliseconds{100}, 200'000};

/// A file registered with io_uring has no number to look at: a pass over all processes finds it.
bool is_registered(const host::Holder& holder) {
    return holder.descriptor < 0;
}

DescriptorState look_at(std::span<const host::Holder> holders, host::SocketInode inode) {
    DescriptorState state = DescriptorState::closed;
    for (const host::Holder& holder : holders) {
        if (is_registered(holder)) {
            continue;
        }
        switch (host::look_at_descriptor(holder, inode)) {
            case host::DescriptorLook::open:
                return DescriptorState::open;
            case host::DescriptorLook::forbidden:
                state = DescriptorState::not_known;
                break;
            case host::DescriptorLook::closed:
                break;
        }
    }
    return state;
}

/// What a pass over all processes says of sockets that their known holders have closed.
class Elsewhere {
 public:
    explicit Elsewhere(const std::unordered_set<host::SocketInode>& inodes) {
        if (inodes.empty()) {
            return;
        }
        try {
            found_ = host::find_holders(inodes, kBudget);
            complete_ = found_.complete() && found_.unreadable == 0;
        } catch (const posix::Error&) {
            complete_ = false;
        }
    }

    DescriptorState state(host::SocketInode inode) const {
        if (found_.by_inode.contains(inode)) {
            return DescriptorState::open;
        }
        return complete_ ? DescriptorState::closed : DescriptorState::not_known;
    }

 private:
    host::Holders found_;
    bool complete_ = true;
};

}  // namespace

std::vector<tracking::DescriptorAnswer> check_descriptors(
    std::span<const tracking::DescriptorQuestion> questions, const SocketOwners& owners) {
    std::vector<tracking::DescriptorAnswer> answers;
    std::unordered_set<host::SocketInode> let_go;
    std::vector<const SocketRecord*> dead;
    for (const tracking::DescriptorQuestion& question : questions) {
        const SocketRecord& record = question.socket->record;
        const std::vector<host::Holder>* holders = owners.holders(record.inode);
        if (holders == nullptr && !question.dead) {
            continue;
        }
        const DescriptorState state =
            holders == nullptr ? DescriptorState::closed : look_at(*holders, record.inode);
        const bool look_elsewhere =
            question.dead ||
            (holders != nullptr && std::any_of(holders->begin(), holders->end(), is_registered));
        if (state == DescriptorState::closed && look_elsewhere) {
            let_go.insert(record.inode);
            dead.push_back(&record);
        } else {
            answers.push_back({record.cookie, state});
        }
    }
    const Elsewhere elsewhere(let_go);
    for (const SocketRecord* record : dead) {
        answers.push_back({record->cookie, elsewhere.state(record->inode)});
    }
    return answers;
}

}  // namespace halfclosed
