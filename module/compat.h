/* SPDX-License-Identifier: GPL-2.0-only */
/* Knows what differs between the kernels that the module is built for. */
#ifndef PCIWC_COMPAT_H
#define PCIWC_COMPAT_H

#include <linux/mm.h>
#include <linux/version.h>

/* 6.12: the flag that lets KVM on arm64 give guests Normal-NC (since 6.9) */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define PCIWC_HAS_ANY_UNCACHED IS_ENABLED(CONFIG_ARM64)
static inline void pciwc_no_guest_wc(struct vm_area_struct *vma)
{
	vm_flags_clear(vma, VM_ALLOW_ANY_UNCACHED);
}

#define PCIWC_IOMMUFD_OPS \
	.bind_iommufd	= vfio_iommufd_physical_bind, \
	.unbind_iommufd	= vfio_iommufd_physical_unbind, \
	.attach_ioas	= vfio_iommufd_physical_attach_ioas, \
	.detach_ioas	= vfio_iommufd_physical_detach_ioas,
#else
#define PCIWC_HAS_ANY_UNCACHED false
static inline void pciwc_no_guest_wc(struct vm_area_struct *vma) { }
#define PCIWC_IOMMUFD_OPS
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)
#define PCIWC_NEW_OPS \
	.get_region_info_caps	= vfio_pci_ioctl_get_region_info, \
	.match_token_uuid	= vfio_pci_core_match_token_uuid, \
	.pasid_attach_ioas	= vfio_iommufd_physical_pasid_attach_ioas, \
	.pasid_detach_ioas	= vfio_iommufd_physical_pasid_detach_ioas,

static const struct vfio_pci_device_ops pciwc_pci_ops = {
	.get_dmabuf_phys = vfio_pci_core_get_dmabuf_phys,
};

static inline void pciwc_set_pci_ops(struct vfio_pci_core_device *core)
{
	core->pci_ops = &pciwc_pci_ops;
}
#else
#define PCIWC_NEW_OPS
static inline void pciwc_set_pci_ops(struct vfio_pci_core_device *core) { }
#endif

#endif
