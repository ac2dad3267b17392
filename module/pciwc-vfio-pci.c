// SPDX-License-Identifier: GPL-2.0-only
/*
 * Knows how parts of a PCI device's BARs are mapped write-combining through
 * VFIO: vfio-pci, plus a list of ranges that root allows (README.md).
 *
 * Locking: dev_set->lock or mmap_lock, then pciwc_device.lock, which is held
 * over no access to user memory. The list does not change while the device is
 * open, and a mapping keeps it open.
 */
#include <linux/ctype.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "compat.h"
#include "pciwc-vfio.h"

#define PCIWC_RANGES_MAX 16

/* As vfio-pci has it, and off as there. */
static bool enable_sriov;
module_param(enable_sriov, bool, 0644);
MODULE_PARM_DESC(enable_sriov, "Allow virtual functions of a device to be enabled; its user must know how to serve them (default: off)");

struct pciwc_range {
	u64 offset;
	u64 size;
	u8 bar;
	bool request;		/* only for a user who asks */
	bool registers;		/* root has said: not prefetchable, and yet */
	bool unavailable;	/* open, and somebody else has it uncached */
};

struct pciwc_device {
	struct vfio_pci_core_device core;
	struct {
		u64 offset;
		u64 size;	/* 0: there is none */
		u8 bar;
	} msix[2];		/* the table, the pending bits; since probe */
	struct mutex lock;	/* of all below */
	struct pciwc_range ranges[PCIWC_RANGES_MAX];
	unsigned int nr_ranges;
	bool opened;
	bool asked;
	bool guest_wc_ranges_only;
};

static struct pciwc_device *to_pciwc(struct vfio_device *vdev)
{
	return container_of(vdev, struct pciwc_device, core.vdev);
}

static struct pciwc_device *dev_to_pciwc(struct device *dev)
{
	return container_of((struct vfio_pci_core_device *)dev_get_drvdata(dev),
			    struct pciwc_device, core);
}

/* --- memory types: x86 has one for each physical range, chosen first --- */

#ifdef CONFIG_X86
/* The core has made it uncached, and pgprot_writecombine() only adds bits. */
static pgprot_t pciwc_wc(pgprot_t prot)
{
	return pgprot_writecombine(__pgprot(pgprot_val(prot) & ~_PAGE_CACHE_MASK));
}

/* arch_io_reserve_memtype_wc() succeeds also where it gets UC-. */
static bool pciwc_is_wc(phys_addr_t start)
{
	void __iomem *io = ioremap_wc(start, PAGE_SIZE);
	unsigned int level;
	bool is_wc = false;
	pte_t *pte;

	if (!io)
		return false;
	pte = lookup_address((unsigned long)io, &level);
	if (pte && level == PG_LEVEL_4K)
		is_wc = (pte_val(*pte) & _PAGE_CACHE_MASK) ==
			(pgprot_val(pgprot_writecombine(PAGE_KERNEL)) &
			 _PAGE_CACHE_MASK);
	iounmap(io);
	return is_wc;
}
#else
static pgprot_t pciwc_wc(pgprot_t prot)
{
	return pgprot_writecombine(prot);
}

static bool pciwc_is_wc(phys_addr_t start)
{
	return true;
}
#endif

static void pciwc_reserve(struct pciwc_device *self)
{
	struct pci_dev *pdev = self->core.pdev;
	unsigned int i;

	for (i = 0; i < self->nr_ranges; i++) {
		struct pciwc_range *r = &self->ranges[i];
		phys_addr_t start = pci_resource_start(pdev, r->bar) + r->offset;

		r->unavailable = arch_io_reserve_memtype_wc(start, r->size) != 0;
		if (!r->unavailable && !pciwc_is_wc(start)) {
			arch_io_free_memtype_wc(start, r->size);
			r->unavailable = true;
		}
		if (r->unavailable)
			pci_warn(pdev, "BAR %u is in use uncached, and stays so\n",
				 r->bar);
	}
}

static void pciwc_free(struct pciwc_device *self)
{
	struct pci_dev *pdev = self->core.pdev;
	unsigned int i;

	mutex_lock(&self->lock);
	for (i = 0; i < self->nr_ranges; i++) {
		struct pciwc_range *r = &self->ranges[i];

		if (!r->unavailable)
			arch_io_free_memtype_wc(pci_resource_start(pdev, r->bar) +
						r->offset, r->size);
		r->unavailable = false;
	}
	self->opened = false;
	self->asked = false;
	mutex_unlock(&self->lock);
}

static bool pciwc_active(const struct pciwc_device *self,
			 const struct pciwc_range *r)
{
	return !r->unavailable && (!r->request || self->asked);
}

/* --- the device's operations --- */

static int pciwc_init_dev(struct vfio_device *vdev)
{
	mutex_init(&to_pciwc(vdev)->lock);
	return vfio_pci_core_init_dev(vdev);
}

static void pciwc_release_dev(struct vfio_device *vdev)
{
	mutex_destroy(&to_pciwc(vdev)->lock);
	vfio_pci_core_release_dev(vdev);
}

static int pciwc_open_device(struct vfio_device *vdev)
{
	struct pciwc_device *self = to_pciwc(vdev);
	int ret;

	/* before the core maps the BARs as UC-, which would be what holds */
	mutex_lock(&self->lock);
	self->opened = true;
	pciwc_reserve(self);
	mutex_unlock(&self->lock);

	ret = vfio_pci_core_enable(&self->core);
	if (ret) {
		pciwc_free(self);
		return ret;
	}
	vfio_pci_core_finish_enable(&self->core);
	return 0;
}

static void pciwc_close_device(struct vfio_device *vdev)
{
	vfio_pci_core_close_device(vdev);
	pciwc_free(to_pciwc(vdev));
}

static const struct pciwc_range *pciwc_find(const struct pciwc_device *self,
					    const struct vm_area_struct *vma)
{
	const unsigned int shift = VFIO_PCI_OFFSET_SHIFT - PAGE_SHIFT;
	u64 offset = (u64)(vma->vm_pgoff & ((1UL << shift) - 1)) << PAGE_SHIFT;
	u64 size = vma->vm_end - vma->vm_start;
	unsigned int i;

	for (i = 0; i < self->nr_ranges; i++) {
		const struct pciwc_range *r = &self->ranges[i];

		if (vma->vm_pgoff >> shift == r->bar && offset >= r->offset &&
		    size <= r->size && offset - r->offset <= r->size - size)
			return r;
	}
	return NULL;
}

static int pciwc_mmap(struct vfio_device *vdev, struct vm_area_struct *vma)
{
	struct pciwc_device *self = to_pciwc(vdev);
	const struct pciwc_range *r;
	bool is_inside, is_active;
	int ret;

	/* Before the core, which may make the offset its own. */
	mutex_lock(&self->lock);
	r = pciwc_find(self, vma);
	is_inside = r;
	is_active = r && pciwc_active(self, r);
	mutex_unlock(&self->lock);

	ret = vfio_pci_core_mmap(vdev, vma);
	if (ret)
		return ret;

	if (is_active)
		vma->vm_page_prot = pciwc_wc(vma->vm_page_prot);
	if (!is_inside && self->guest_wc_ranges_only)
		pciwc_no_guest_wc(vma);
	return 0;
}

static int pciwc_get(struct pciwc_device *self, void __user *arg, size_t argsz)
{
	struct pciwc_vfio_range out[PCIWC_RANGES_MAX] = { };
	struct pciwc_vfio_wc head = { };
	size_t room = (argsz - sizeof(head)) / sizeof(out[0]);
	unsigned int i;

	mutex_lock(&self->lock);
	head.flags = self->asked ? PCIWC_VFIO_WC_ON : 0;
	head.nr_ranges = self->nr_ranges;
	for (i = 0; i < self->nr_ranges; i++) {
		const struct pciwc_range *r = &self->ranges[i];

		out[i].bar = r->bar;
		out[i].offset = r->offset;
		out[i].size = r->size;
		if (r->request)
			out[i].flags |= PCIWC_VFIO_RANGE_REQUEST;
		if (pciwc_active(self, r))
			out[i].flags |= PCIWC_VFIO_RANGE_ACTIVE;
	}
	mutex_unlock(&self->lock);

	room = min_t(size_t, room, head.nr_ranges);
	if (copy_to_user(arg, &head, sizeof(head)) ||
	    copy_to_user(arg + sizeof(head), out, room * sizeof(out[0])))
		return -EFAULT;
	return 0;
}

static int pciwc_set(struct pciwc_device *self, void __user *arg)
{
	unsigned int i;
	int ret = -ENOENT;
	u32 flags;

	if (get_user(flags, (u32 __user *)arg))
		return -EFAULT;
	if (flags & ~PCIWC_VFIO_WC_ON)
		return -EINVAL;

	mutex_lock(&self->lock);
	for (i = 0; i < self->nr_ranges; i++)
		if (self->ranges[i].request)
			ret = 0;
	if (!ret)
		self->asked = flags & PCIWC_VFIO_WC_ON;
	mutex_unlock(&self->lock);
	return ret;
}

static int pciwc_feature(struct vfio_device *vdev, u32 flags, void __user *arg,
			 size_t argsz)
{
	int ret = vfio_pci_core_ioctl_feature(vdev, flags, arg, argsz);

	if (ret != -ENOTTY ||
	    (flags & VFIO_DEVICE_FEATURE_MASK) != PCIWC_VFIO_FEATURE_WC)
		return ret;
	ret = vfio_check_feature(flags, argsz, VFIO_DEVICE_FEATURE_GET |
				 VFIO_DEVICE_FEATURE_SET,
				 sizeof(struct pciwc_vfio_wc));
	if (ret != 1)
		return ret;
	if (flags & VFIO_DEVICE_FEATURE_GET)
		return pciwc_get(to_pciwc(vdev), arg, argsz);
	return pciwc_set(to_pciwc(vdev), arg);
}

static const struct vfio_device_ops pciwc_ops = {
	.name		= "pciwc-vfio-pci",
	.init		= pciwc_init_dev,
	.release	= pciwc_release_dev,
	.open_device	= pciwc_open_device,
	.close_device	= pciwc_close_device,
	.ioctl		= vfio_pci_core_ioctl,
	.device_feature	= pciwc_feature,
	.read		= vfio_pci_core_read,
	.write		= vfio_pci_core_write,
	.mmap		= pciwc_mmap,
	.request	= vfio_pci_core_request,
	.match		= vfio_pci_core_match,
	PCIWC_IOMMUFD_OPS
	PCIWC_NEW_OPS
};

/* --- attributes --- */

/* Decimal, or hexadecimal after 0x: no sign, no octal, nothing around it. */
static int pciwc_number(const char *word, u64 *ret_number)
{
	if (!word || !isdigit(word[0]))
		return -EINVAL;
	if (word[0] == '0' && word[1] == 'x')
		return kstrtou64(word, 16, ret_number);
	if (word[0] == '0' && word[1])
		return -EINVAL;
	return kstrtou64(word, 10, ret_number);
}

static int pciwc_parse(char *line, struct pciwc_range *r)
{
	u64 bar;
	char *word;
	int ret;

	ret = pciwc_number(strsep(&line, " "), &bar);
	ret = ret ?: pciwc_number(strsep(&line, " "), &r->offset);
	ret = ret ?: pciwc_number(strsep(&line, " "), &r->size);
	if (ret)
		return ret;
	if (bar >= PCI_STD_NUM_BARS)
		return -ENXIO;
	r->bar = bar;

	word = strsep(&line, " ");
	if (!word)
		return -EINVAL;
	r->request = !strcmp(word, "request");
	if (!r->request && strcmp(word, "always"))
		return -EINVAL;
	word = strsep(&line, " ");
	r->registers = word && !strcmp(word, "registers");
	return (word && !r->registers) || line ? -EINVAL : 0;
}

static bool pciwc_overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

/*
 * Where the MSI-X table and its pending bits are. Read once, at probe, when the
 * PCI core keeps the device awake: later it may sleep, and answer all ones.
 */
static int pciwc_read_msix(struct pciwc_device *self, struct pci_dev *pdev)
{
	u16 control;
	u32 at[2];
	u64 n;
	int i;

	if (!pdev->msix_cap)
		return 0;
	pci_read_config_word(pdev, pdev->msix_cap + PCI_MSIX_FLAGS, &control);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_TABLE, &at[0]);
	pci_read_config_dword(pdev, pdev->msix_cap + PCI_MSIX_PBA, &at[1]);
	if (control == (u16)~0 || at[0] == ~0U || at[1] == ~0U) {
		pci_err(pdev, "its MSI-X capability cannot be read\n");
		return -EIO;
	}
	n = (control & PCI_MSIX_FLAGS_QSIZE) + 1;
	for (i = 0; i < 2; i++) {
		self->msix[i].bar = at[i] & PCI_MSIX_TABLE_BIR;
		self->msix[i].offset = at[i] & PCI_MSIX_TABLE_OFFSET;
	}
	self->msix[0].size = n * PCI_MSIX_ENTRY_SIZE;
	self->msix[1].size = DIV_ROUND_UP(n, 64) * 8;
	return 0;
}

/* Has the range a byte of either? */
static bool pciwc_has_msix(const struct pciwc_device *self,
			   const struct pciwc_range *r)
{
	int i;

	for (i = 0; i < 2; i++)
		if (self->msix[i].size && self->msix[i].bar == r->bar &&
		    pciwc_overlap(r->offset, r->size, self->msix[i].offset,
				  self->msix[i].size))
			return true;
	return false;
}

static int pciwc_check(const struct pciwc_device *self,
		       const struct pciwc_range *r)
{
	struct pci_dev *pdev = self->core.pdev;
	u64 len = pci_resource_len(pdev, r->bar);
	unsigned long flags = pci_resource_flags(pdev, r->bar);

	if (!(flags & IORESOURCE_MEM) || (flags & IORESOURCE_UNSET) || !len)
		return -ENXIO;
	if (!r->size || !PAGE_ALIGNED(r->offset) || !PAGE_ALIGNED(r->size))
		return -EINVAL;
	if (r->offset > len || r->size > len - r->offset)
		return -ERANGE;
	if (!arch_can_pci_mmap_wc())
		return -EOPNOTSUPP;
	if (IS_ENABLED(CONFIG_X86)) {
		/* the memory type is chosen before the open, and for all of it */
		if (r->request)
			return -EOPNOTSUPP;
		if (r->size != len)
			return -EINVAL;
	}
	if (pciwc_has_msix(self, r))
		return -EPERM;
	if (!(flags & IORESOURCE_PREFETCH) && !r->registers)
		return -EACCES;
	return 0;
}

static int pciwc_parse_all(const struct pciwc_device *self, char *text,
			   struct pciwc_range *ranges, unsigned int *ret_nr)
{
	unsigned int nr = 0, i;
	char *line;
	int ret;

	while ((line = strsep(&text, "\n"))) {
		if (!*line && !text)
			break;
		if (nr == PCIWC_RANGES_MAX)
			return -E2BIG;
		ret = pciwc_parse(line, &ranges[nr]);
		ret = ret ?: pciwc_check(self, &ranges[nr]);
		if (ret)
			return ret;
		for (i = 0; i < nr; i++)
			if (ranges[i].bar == ranges[nr].bar &&
			    pciwc_overlap(ranges[i].offset, ranges[i].size,
					  ranges[nr].offset, ranges[nr].size))
				return -EEXIST;
		nr++;
	}
	*ret_nr = nr;
	return 0;
}

static ssize_t wc_ranges_store(struct device *dev, struct device_attribute *attr,
			       const char *buf, size_t count)
{
	struct pciwc_device *self = dev_to_pciwc(dev);
	struct pciwc_range *ranges;
	unsigned int nr;
	char *text;
	int ret;

	if (strlen(buf) != count)
		return -EINVAL;
	text = kstrdup(strcmp(buf, "\n") ? buf : "", GFP_KERNEL);
	ranges = kcalloc(PCIWC_RANGES_MAX, sizeof(*ranges), GFP_KERNEL);
	ret = text && ranges ? 0 : -ENOMEM;
	ret = ret ?: pciwc_parse_all(self, text, ranges, &nr);
	if (!ret) {
		mutex_lock(&self->lock);
		if (self->opened) {
			ret = -EBUSY;
		} else {
			memcpy(self->ranges, ranges, sizeof(self->ranges));
			self->nr_ranges = nr;
		}
		mutex_unlock(&self->lock);
	}
	kfree(ranges);
	kfree(text);
	return ret ?: count;
}

static ssize_t wc_ranges_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	struct pciwc_device *self = dev_to_pciwc(dev);
	unsigned int i;
	int at = 0;

	mutex_lock(&self->lock);
	for (i = 0; i < self->nr_ranges; i++) {
		const struct pciwc_range *r = &self->ranges[i];

		at += sysfs_emit_at(buf, at, "%u 0x%llx 0x%llx %s%s%s\n",
				    r->bar, r->offset, r->size,
				    r->request ? "request" : "always",
				    r->registers ? " registers" : "",
				    r->unavailable ? " unavailable" : "");
	}
	mutex_unlock(&self->lock);
	return at;
}
static DEVICE_ATTR_RW(wc_ranges);

static ssize_t guest_wc_ranges_only_store(struct device *dev,
					  struct device_attribute *attr,
					  const char *buf, size_t count)
{
	struct pciwc_device *self = dev_to_pciwc(dev);
	bool value;
	int ret = kstrtobool(buf, &value);

	if (ret)
		return ret;
	mutex_lock(&self->lock);
	if (self->opened)
		ret = -EBUSY;
	else
		self->guest_wc_ranges_only = value;
	mutex_unlock(&self->lock);
	return ret ?: count;
}

static ssize_t guest_wc_ranges_only_show(struct device *dev,
					 struct device_attribute *attr,
					 char *buf)
{
	return sysfs_emit(buf, "%d\n", dev_to_pciwc(dev)->guest_wc_ranges_only);
}
static DEVICE_ATTR_RW(guest_wc_ranges_only);

static umode_t pciwc_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	if (attr == &dev_attr_guest_wc_ranges_only.attr && !PCIWC_HAS_ANY_UNCACHED)
		return 0;
	return attr->mode;
}

static struct attribute *pciwc_attrs[] = {
	&dev_attr_wc_ranges.attr,
	&dev_attr_guest_wc_ranges_only.attr,
	NULL
};

static const struct attribute_group pciwc_group = {
	.attrs = pciwc_attrs,
	.is_visible = pciwc_visible,
};

static const struct attribute_group *pciwc_groups[] = { &pciwc_group, NULL };

/* --- the driver --- */

/*
 * vfio-pci gives a user of Intel graphics regions of its own, from code that
 * no other driver can call: without them he would miss them silently.
 */
static bool pciwc_is_intel_graphics(const struct pci_dev *pdev)
{
	return pdev->vendor == PCI_VENDOR_ID_INTEL &&
	       pdev->class >> 16 == PCI_BASE_CLASS_DISPLAY;
}

static int pciwc_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct pciwc_device *self;
	int ret;

	if (pciwc_is_intel_graphics(pdev)) {
		pci_err(pdev, "Intel graphics are vfio-pci's alone\n");
		return -ENODEV;
	}
	self = vfio_alloc_device(pciwc_device, core.vdev, &pdev->dev, &pciwc_ops);
	if (IS_ERR(self))
		return PTR_ERR(self);
	ret = pciwc_read_msix(self, pdev);
	if (ret)
		goto err_put;
	pciwc_set_pci_ops(&self->core);
	dev_set_drvdata(&pdev->dev, &self->core);
	ret = vfio_pci_core_register_device(&self->core);
	if (ret)
		goto err_put;
	return 0;

err_put:
	vfio_put_device(&self->core.vdev);
	return ret;
}

static void pciwc_remove(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pdev->dev);

	vfio_pci_core_unregister_device(core);
	vfio_put_device(&core->vdev);
}

static int pciwc_sriov_configure(struct pci_dev *pdev, int nr_virtfn)
{
	if (!enable_sriov)
		return -ENOENT;
	return vfio_pci_core_sriov_configure(dev_get_drvdata(&pdev->dev),
					     nr_virtfn);
}

/*
 * No MODULE_DEVICE_TABLE: libvirt takes a vfio_pci: alias for an offer, and
 * this driver is to be chosen by name only.
 */
static const struct pci_device_id pciwc_table[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_ANY_ID, PCI_ANY_ID) },
	{ }
};

static struct pci_driver pciwc_driver = {
	.name			= "pciwc-vfio-pci",
	.id_table		= pciwc_table,
	.probe			= pciwc_probe,
	.remove			= pciwc_remove,
	.sriov_configure	= pciwc_sriov_configure,
	.err_handler		= &vfio_pci_core_err_handlers,
	.dev_groups		= pciwc_groups,
	.driver_managed_dma	= true,
};
module_pci_driver(pciwc_driver);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The pciwc authors");
MODULE_DESCRIPTION("vfio-pci with write-combining BAR ranges");
