#include "host/cgroup_owners.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

#include "fixture.h"

namespace halfclosed::host {
namespace {

using namespace std::chrono_literals;

/// Whether this thread could give up CAP_DAC_READ_SEARCH. Capabilities are a thread's own.
bool give_up_read_search() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0) {
        return false;
    }
    sets[0].effective &= ~(1U << CAP_DAC_READ_SEARCH);
    return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

/// Two cgroups without processes, one below the other, in the hierarchy of this machine.
class OwnersTest : public testing::Test {
 protected:
    void SetUp() override {
        try {
            mount_ = read_cgroup_mount();
        } catch (const posix::Error& error) {
            GTEST_SKIP() << error.what();
        }
        name_ = "/halfclosed test \\x2d" + std::to_string(::getpid());
        std::error_code error;
        std::filesystem::create_directories(mount_.point + name_ + kUnit, error);
        if (error) {
            GTEST_SKIP() << "may not make a cgroup: " << error.message();
        }
        outer_ = inode("");
        inner_ = inode(kUnit);
    }
    void TearDown() override {
        if (!name_.empty()) {
            remove_inner();
            ::rmdir((mount_.point + name_).c_str());
        }
    }

    void remove_inner() const { ::rmdir((mount_.point + name_ + kUnit).c_str()); }

    CgroupId inode(const std::string& below) const {
        struct stat status {};
        ::stat((mount_.point + name_ + below).c_str(), &status);
        return status.st_ino;
    }

    /// Does it in a thread that may, or may not, open cgroups by handle.
    void by_handle(const std::function<void(Owners&)>& test) const {
        Owners owners;
        owners.look_up(std::array{outer_}, 0s);
        if (owners.walks()) {
            GTEST_SKIP() << "needs CAP_DAC_READ_SEARCH";
        }
        test(owners);
    }
    void by_walk(const std::function<void(Owners&)>& test) const {
        std::thread([&] {
            ASSERT_TRUE(give_up_read_search());
            Owners owners;
            test(owners);
            EXPECT_TRUE(owners.walks());
        }).join();
    }

    static constexpr const char* kUnit = "/web.service";
    CgroupMount mount_;
    std::string name_;
    CgroupId outer_ = 0;
    CgroupId inner_ = 0;
};

/// Larger than any id that a kernel hands out soon after it booted.
constexpr CgroupId kNever = 0x7fff'ffff'0000'0001;

TEST_F(OwnersTest, TheHandleFindsTheCgroup) {
    by_handle([&](Owners& owners) {
        owners.look_up(std::array{inner_, outer_}, 0s);
        ASSERT_NE(owners.find(inner_), nullptr);
        EXPECT_EQ(*owners.find(inner_), owner_of(name_ + kUnit));
        EXPECT_EQ(owners.find(inner_)->unit, "web.service");
        ASSERT_NE(owners.find(outer_), nullptr);
        EXPECT_EQ(owners.find(outer_)->cgroup, name_);
        EXPECT_EQ(owners.unresolved(), 0U);
    });
}

/// Cgroups one below the other, deeper than a path can tell; gone with this object.
class DeepCgroup {
 public:
    explicit DeepCgroup(const std::string& top) {
        directories_.emplace_back(::open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        for (int level = 0; level < 18; ++level) {
            const int above = directories_.back().get();
            ::mkdirat(above, kName.c_str(), 0755);
            directories_.emplace_back(
                ::openat(above, kName.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        }
    }
    DeepCgroup(const DeepCgroup&) = delete;
    DeepCgroup& operator=(const DeepCgroup&) = delete;
    ~DeepCgroup() {
        while (directories_.size() > 1) {
            directories_.pop_back();
            ::unlinkat(directories_.back().get(), kName.c_str(), AT_REMOVEDIR);
        }
    }

    CgroupId id() const {
        struct stat status {};
        ::fstat(directories_.back().get(), &status);
        return status.st_ino;
    }

 private:
    const std::string kName = std::string(250, 'd');
    std::vector<posix::Descriptor> directories_;
};

TEST_F(OwnersTest, APathThatIsTooLongIsOfWhatIsAboveAndSpoilsNoOther) {
    const DeepCgroup deep(mount_.point + name_ + kUnit);
    by_handle([&](Owners& owners) {
        owners.look_up(std::array{deep.id(), outer_}, 0s);
        ASSERT_NE(owners.find(deep.id()), nullptr);
        EXPECT_EQ(owners.find(deep.id())->unit, "web.service");
        EXPECT_NE(owners.find(outer_), nullptr);
    });
    by_walk([&](Owners& owners) {
        owners.look_up(std::array{deep.id(), outer_}, 0s);
        EXPECT_NE(owners.find(outer_), nullptr);
        EXPECT_EQ(owners.unresolved(), 0U);
    });
}

TEST_F(OwnersTest, TheWalkFindsTheSame) {
    by_walk([&](Owners& owners) {
        owners.look_up(std::array{inner_, outer_, kNever}, 0s);
        ASSERT_NE(owners.find(inner_), nullptr);
        EXPECT_EQ(*owners.find(inner_), owner_of(name_ + kUnit));
        ASSERT_NE(owners.find(outer_), nullptr);
        EXPECT_EQ(owners.find(outer_)->cgroup, name_);
        EXPECT_EQ(owners.find(kNever), nullptr);
        EXPECT_EQ(owners.unresolved(), 0U) << "a whole walk settles what it does not meet";
    });
}

TEST_F(OwnersTest, TheRootIsFoundEitherWay) {
    struct stat status {};
    ::stat(mount_.point.c_str(), &status);
    const CgroupId root = status.st_ino;
    const auto finds_root = [&](Owners& owners) {
        owners.look_up(std::array{root}, 0s);
        ASSERT_NE(owners.find(root), nullptr);
        EXPECT_EQ(owners.find(root)->cgroup, mount_.root);
    };
    by_walk(finds_root);
    by_handle(finds_root);
}

TEST_F(OwnersTest, ARemovedCgroupIsNothing) {
    remove_inner();
    by_handle([&](Owners& owners) {
        owners.look_up(std::array{inner_, kNever}, 0s);
        EXPECT_EQ(owners.find(inner_), nullptr);
        EXPECT_EQ(owners.find(kNever), nullptr);
        EXPECT_EQ(owners.unresolved(), 0U);
    });
    by_walk([&](Owners& owners) {
        owners.look_up(std::array{inner_}, 0s);
        EXPECT_EQ(owners.find(inner_), nullptr);
        EXPECT_EQ(owners.unresolved(), 0U);
    });
}

TEST_F(OwnersTest, WhatWasRemovedAfterItWasSeenKeepsItsName) {
    by_handle([&](Owners& owners) {
        owners.look_up(std::array{inner_}, 0s);
        remove_inner();
        owners.look_up(std::array{inner_}, 0s);
        ASSERT_NE(owners.find(inner_), nullptr);
        EXPECT_EQ(owners.find(inner_)->unit, "web.service");
    });
}

TEST_F(OwnersTest, AnswersAreKeptOnlyAsLongAsTheyAreAskedFor) {
    by_handle([&](Owners& owners) {
        owners.look_up(std::array{inner_}, 0s);
        remove_inner();
        owners.look_up({}, 0s);
        EXPECT_EQ(owners.find(inner_), nullptr);
        owners.look_up(std::array{inner_}, 0s);
        EXPECT_EQ(owners.find(inner_), nullptr) << "it is gone by now";
    });
}

TEST_F(OwnersTest, ACgroupThatCameAfterAWalkWaitsForTheNext) {
    by_walk([&](Owners& owners) {
        owners.look_up(std::array{outer_}, 0s);
        ASSERT_NE(owners.find(outer_), nullptr);
        // The walk that is just over is not repeated at once, and that is no answer.
        owners.look_up(std::array{outer_, inner_}, 0s);
        EXPECT_EQ(owners.unresolved(), 1U);
        EXPECT_EQ(owners.find(inner_), nullptr);
        EXPECT_NE(owners.find(outer_), nullptr);
        owners.look_up(std::array{outer_, inner_}, 1h);
        ASSERT_NE(owners.find(inner_), nullptr);
        EXPECT_EQ(owners.find(inner_)->unit, "web.service");
        EXPECT_EQ(owners.unresolved(), 0U);
    });
}

TEST_F(OwnersTest, MoreCgroupsThanAreKeptStayUnknown) {
    by_handle([&](Owners& owners) {
        std::vector<CgroupId> ids(Owners::kMost);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            ids[i] = kNever + i;
        }
        ids.push_back(inner_);
        owners.look_up(ids, 0s);
        EXPECT_EQ(owners.unresolved(), 1U);
        EXPECT_EQ(owners.find(inner_), nullptr);
    });
}

TEST_F(OwnersTest, AWalkThatIsCutShortSaysSo) {
    const CgroupTree tree(mount_);
    const CgroupTree::Walk walk = tree.find({outer_, inner_, kNever}, 1);
    EXPECT_FALSE(walk.complete);
    EXPECT_EQ(walk.paths, (std::map<CgroupId, std::string>{{outer_, name_}}));
}

TEST_F(OwnersTest, ABoundPartOfTheTreeKeepsItsPlaceInIt) {
    const CgroupTree part({.point = mount_.point + name_, .root = name_});
    EXPECT_EQ(part.find({inner_, outer_}, 10).paths,
              (std::map<CgroupId, std::string>{{outer_, name_}, {inner_, name_ + kUnit}}));
}

TEST(CgroupTree, AMissingMountPointIsAnError) {
    EXPECT_EQ(complaint([] { CgroupTree({.point = "/nonexistent", .root = "/"}); }),
              "/nonexistent: No such file or directory");
}

}  // namespace
}  // namespace halfclosed::host
